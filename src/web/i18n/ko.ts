import { english, type Messages } from './en.ts'
export const korean: Messages = english
