/** What a server of this software calls itself where nobody has named it. */
export const instanceTitle = 'Pinxit'
export const instanceDescription = 'A social network server where pictures are painted, signed and shared.'
