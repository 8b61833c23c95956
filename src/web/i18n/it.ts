import { english, type Messages } from './en.ts'
export const italian: Messages = english
