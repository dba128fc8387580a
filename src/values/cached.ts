interface Store<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): unknown
}

/** The value under a key, made at first use. For Map and WeakMap alike; values are never undefined. */
export function cached<K, V extends object>(store: Store<K, V>, key: K, make: () => V): V {
  let value = store.get(key)
  if (value === undefined) {
    value = make()
    store.set(key, value)
  }
  return value
}
