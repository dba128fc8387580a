import { optionsHeader } from './exthdr.js'

export const dst = optionsHeader('dst', 'destination options header')
