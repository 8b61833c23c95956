import type { Visit } from '../session.ts'

/** What every form of someone signed in carries: the proof that it is ours, and where to come back to. */
export const Hidden = ({ visit, back }: { visit: Visit; back?: string }) => (
  <>
    <input type="hidden" name="csrf" value={visit.csrf} />
    <input type="hidden" name="back" value={back ?? visit.here} />
  </>
)
