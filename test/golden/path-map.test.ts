import { expect, test } from 'vitest'
import { pathMap } from '../../src/path/map.js'

test('the map in src/path/README.md is the rooms’ own', async () => {
  await expect(pathMap()).toMatchFileSnapshot('../../src/path/README.md')
})
