/** The database's indexes have no room for longer ones. */
export const longestAddress = 2_000

/** An http(s) address that carries no credentials; undefined for anything else. */
export function webUrlOf(text: string, base?: string): URL | undefined {
  const url = URL.parse(text, base)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  return url && isWeb && !url.username && !url.password ? url : undefined
}
