import { english, type Messages } from './en.ts'
export const german: Messages = english
