import type { Visit } from '../session.ts'
import { Icon } from './Icon.tsx'

type Props = {
  title: string
  visit: Visit
  /** Whether what was sent is kept now. */
  isSaved?: boolean
  /** Where one came from, when it is not the page of all settings. */
  back?: { href: string; label: string }
  children?: unknown
}

/** The top of a page of settings, with the way back. */
export const SettingHead = ({ title, visit, isSaved, back, children }: Props) => {
  const { settings } = visit.words
  const { href, label } = back ?? { href: '/settings', label: settings.title }
  return (
    <>
      <a class="way-back" href={href}>
        <Icon name="back" />
        <bdi>{label}</bdi>
      </a>
      <header class="page-head">
        <h1>
          <bdi>{title}</bdi>
        </h1>
        {children}
      </header>
      {isSaved && (
        <p class="notice" role="status">
          {settings.saved}
        </p>
      )}
    </>
  )
}
