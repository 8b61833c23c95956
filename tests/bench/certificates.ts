import { generate } from 'selfsigned'

export type Certificate = { key: string; cert: string }

/** An authority of the bench's own, and what it issues: one for each address, as on the internet. */
export type Authority = { cert: string; issueFor(ip: string): Promise<Certificate> }

// What Let's Encrypt gives to servers that do not ask for anything else.
const kind = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const

export async function createAuthority(): Promise<Authority> {
  const name = [{ name: 'commonName', value: 'Pinxit bench' }]
  const extensions = [
    { name: 'basicConstraints' as const, cA: true, critical: true },
    { name: 'keyUsage' as const, keyCertSign: true, critical: true },
  ]
  const authority = await generate(name, { ...kind, extensions })
  const ca = { key: authority.private, cert: authority.cert }
  return {
    cert: authority.cert,
    issueFor: async (ip) => {
      const issued = await generate([{ name: 'commonName', value: ip }], {
        ...kind,
        ca,
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'extKeyUsage', serverAuth: true },
          { name: 'subjectAltName', altNames: [{ type: 7, ip }] },
        ],
      })
      return { key: issued.private, cert: issued.cert }
    },
  }
}
