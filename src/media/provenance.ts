/**
 * What a picture's maker was, in the words of the IPTC's controlled vocabulary
 * (http://cv.iptc.org/newscodes/digitalsourcetype/). The same URIs stand in files, rows, APIs and on the wire.
 */
export const digitalSourceTypes = {
  painting: 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia',
  sketch: 'http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia',
  editedPhotograph: 'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia',
} as const

export type DigitalSourceType = (typeof digitalSourceTypes)[keyof typeof digitalSourceTypes]

const known: ReadonlySet<string> = new Set(Object.values(digitalSourceTypes))

export function isDigitalSourceType(value: unknown): value is DigitalSourceType {
  return typeof value === 'string' && known.has(value)
}

/** Whether that is a picture AI made or had a hand in: a sketch is none. */
export function isMadeByAi({ digital_source_type: type }: { digital_source_type: string | null }): boolean {
  return type !== null && type !== digitalSourceTypes.sketch
}

/** An XMP packet that says nothing but the digital source type (IPTC Photo Metadata Standard, ISO 16684-1). */
export function xmpPacket(type: DigitalSourceType): string {
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">',
    `<Iptc4xmpExt:DigitalSourceType>${type}</Iptc4xmpExt:DigitalSourceType>`,
    '</rdf:Description>',
    '</rdf:RDF>',
    '</x:xmpmeta>',
    '<?xpacket end="w"?>',
  ].join('\n')
}

// XMP from strangers is searched, never parsed: element, attribute and rdf:resource forms are all in use.
const declaration = /:DigitalSourceType(?:\s+rdf:resource)?\s*(?:=\s*["']|>)\s*([^"'<\s]{1,200})/

/** The declared digital source type of an XMP packet, if it is one of those we know. */
export function digitalSourceTypeOfXmp(xmp: string): DigitalSourceType | undefined {
  const declared = declaration.exec(xmp)?.[1]?.replace(/^https:/, 'http:')
  return isDigitalSourceType(declared) ? declared : undefined
}
