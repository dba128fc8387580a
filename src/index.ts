export * from './browser.js'
export { readSnapshotFiles } from './node/read-snapshot.js'
