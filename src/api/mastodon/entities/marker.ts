import type { Marker } from '#src/db/markers.ts'

/** https://docs.joinmastodon.org/entities/Marker/, by timeline */
export function toMarkers(markers: readonly Marker[]) {
  return Object.fromEntries(
    markers.map(({ timeline, last_read_id, version, updated_at }) => [
      timeline,
      { last_read_id, version, updated_at: updated_at.toISOString() },
    ]),
  )
}
