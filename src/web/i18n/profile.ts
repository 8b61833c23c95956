import { counter } from './plurals.ts'

// Someone’s page.

const [en, de, it, ko] = [counter('en'), counter('de'), counter('it'), counter('ko')]

export const englishProfile = {
  follow: 'Follow',
  unfollow: 'Unfollow',
  cancelRequest: 'Withdraw request',
  followsYou: 'Follows you',
  edit: 'Edit profile',
  posts: 'Posts',
  pictures: 'Pictures',
  noteCount: (n: number) => en(n, { one: '# post', other: '# posts' }),
  followers: (n: number) => en(n, { one: '# follower', other: '# followers' }),
  followingCount: (n: number) => en(n, { other: '# following' }),
  empty: 'Nothing posted yet.',
  onOwnServer: 'See the whole profile on its own server',
  followFromElsewhere: (handle: string) => `To follow, search for ${handle} on your own server.`,
}

type ProfileWords = typeof englishProfile

export const germanProfile: ProfileWords = {
  follow: 'Folgen',
  unfollow: 'Entfolgen',
  cancelRequest: 'Anfrage zurückziehen',
  followsYou: 'Folgt dir',
  edit: 'Profil bearbeiten',
  posts: 'Beiträge',
  pictures: 'Bilder',
  noteCount: (n) => de(n, { one: '# Beitrag', other: '# Beiträge' }),
  followers: (n) => de(n, { one: '# Follower', other: '# Follower' }),
  followingCount: (n) => de(n, { other: 'folgt #' }),
  empty: 'Noch nichts veröffentlicht.',
  onOwnServer: 'Das ganze Profil auf seinem eigenen Server',
  followFromElsewhere: (handle) => `Zum Folgen auf deinem eigenen Server nach ${handle} suchen.`,
}

export const italianProfile: ProfileWords = {
  follow: 'Segui',
  unfollow: 'Non seguire più',
  cancelRequest: 'Ritira la richiesta',
  followsYou: 'Ti segue',
  edit: 'Modifica profilo',
  posts: 'Post',
  pictures: 'Immagini',
  noteCount: (n) => it(n, { one: '# post', other: '# post' }),
  followers: (n) => it(n, { one: '# seguace', other: '# seguaci' }),
  followingCount: (n) => it(n, { other: 'segue #' }),
  empty: 'Ancora nessun post.',
  onOwnServer: 'Vedi il profilo completo sul suo server',
  followFromElsewhere: (handle) => `Per seguire, cerca ${handle} sul tuo server.`,
}

export const koreanProfile: ProfileWords = {
  follow: '팔로우',
  unfollow: '언팔로우',
  cancelRequest: '요청 취소',
  followsYou: '나를 팔로우함',
  edit: '프로필 편집',
  posts: '글',
  pictures: '그림',
  noteCount: (n) => ko(n, { other: '글 #개' }),
  followers: (n) => ko(n, { other: '팔로워 #명' }),
  followingCount: (n) => ko(n, { other: '팔로잉 #명' }),
  empty: '아직 게시한 것이 없습니다.',
  onOwnServer: '원래 서버에서 전체 프로필 보기',
  followFromElsewhere: (handle) => `팔로우하려면 자신의 서버에서 ${handle}을(를) 검색하세요.`,
}
