import { enhanceForms } from '../browser/forms.ts'
import { listenToKeys } from '../browser/keys.ts'
import { keepTimesTrue } from '../browser/times.ts'

// On every page. What is here only makes quicker what the pages do by themselves.
enhanceForms()
listenToKeys()
keepTimesTrue()
