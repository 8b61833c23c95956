type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** Words for a number in one language: `#` stands for the number itself, written short (1.2K). */
export function counter(language: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language)
  const numbers = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  return (count, forms) => (forms[rules.select(count)] ?? forms.other).replace('#', numbers.format(count))
}
