/** Whether a key stands in the document of this address, or lies below it: below the root lie others' too. */
export function isOfDocument(keyId: string, address: string): boolean {
  const [document = ''] = keyId.split('#', 1)
  return document === address || (URL.parse(address)?.pathname !== '/' && document.startsWith(`${address}/`))
}
