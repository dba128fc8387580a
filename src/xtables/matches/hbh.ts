import { optionsHeader } from './exthdr.js'

export const hbh = optionsHeader('hbh', 'hop-by-hop options header')
