import type { LetterWords } from './en.ts'

export const koreanLetters: LetterWords = {
  greeting: (username) => `${username} 님, 안녕하세요.`,
  footer: (host) => `${host}에서 보낸 편지입니다. 답장은 아무도 읽지 않습니다.`,
  confirm: ({ host }) => ({
    subject: `${host} 이메일 주소 확인`,
    lines: [
      `${host} 계정에 이 주소가 등록되었습니다. 본인의 주소인지 확인해 주세요. 링크는 이틀 동안 유효합니다.`,
      '본인이 아니라면 아무것도 하지 않아도 됩니다.',
    ],
    action: '주소 확인하기',
  }),
  reset: ({ host }) => ({
    subject: `${host} 새 비밀번호`,
    lines: [
      `${host}의 비밀번호를 잊었다는 요청이 있었습니다. 이 링크로 새 비밀번호를 정할 수 있으며, 여섯 시간 동안 한 번만 쓸 수 있습니다.`,
      '본인이 아니라면 아무것도 하지 않아도 됩니다. 비밀번호는 그대로입니다.',
    ],
    action: '새 비밀번호 정하기',
  }),
  passwordChanged: ({ host }) => ({
    subject: `${host} 비밀번호가 바뀌었습니다`,
    lines: ['방금 비밀번호가 바뀌었습니다.', '본인이 아니라면 바로 새 비밀번호를 정하세요.'],
    action: '본인이 아닙니다',
  }),
  emailChanged: ({ host, detail }) => ({
    subject: `${host} 이메일 주소가 바뀌었습니다`,
    lines: [
      `계정의 이메일 주소가 이제 ${detail}입니다.`,
      `본인이 아니라면 주소를 되돌리거나 ${host} 운영자에게 알리세요.`,
    ],
    action: '내 계정 보기',
  }),
  newApp: ({ host, detail }) => ({
    subject: `${host} 계정에 새 앱이 연결되었습니다`,
    lines: [
      `‘${detail}’ 앱이 계정에 접근할 수 있게 되었습니다.`,
      '본인이 아니라면 허용을 취소하고 비밀번호를 바꾸세요.',
    ],
    action: '연결된 앱 보기',
  }),
  approved: ({ host }) => ({
    subject: `${host}에 오신 것을 환영합니다`,
    lines: [`${host} 계정이 준비되었습니다.`],
    action: '로그인',
  }),
}
