// How a picture was made.

export const englishProvenance = {
  ai: 'AI',
  sketch: 'Sketch, not AI',
  aiLead: 'This picture was made with AI.',
  sketchLead: 'Drawn by a procedure, without AI.',
  show: 'How this picture was made',
  model: 'Model',
  maker: 'Made by',
  date: 'Made on',
  prompt: 'Prompt',
  promptHidden: 'The author keeps it private.',
  original: 'Original',
  openOriginal: 'Open the untouched file',
  remix: 'Who may remix it',
  remixPolicy: { nobody: 'Nobody', followers: 'Followers', anyone: 'Anyone' },
}

type ProvenanceWords = typeof englishProvenance

export const germanProvenance: ProvenanceWords = {
  ai: 'KI',
  sketch: 'Skizze, keine KI',
  aiLead: 'Dieses Bild wurde mit KI gemacht.',
  sketchLead: 'Von einem Verfahren gezeichnet, ohne KI.',
  show: 'Wie dieses Bild entstand',
  model: 'Modell',
  maker: 'Gemacht von',
  date: 'Gemacht am',
  prompt: 'Prompt',
  promptHidden: 'Die Autorin oder der Autor behält ihn für sich.',
  original: 'Original',
  openOriginal: 'Die unveränderte Datei öffnen',
  remix: 'Wer es remixen darf',
  remixPolicy: { nobody: 'Niemand', followers: 'Follower', anyone: 'Alle' },
}

export const italianProvenance: ProvenanceWords = {
  ai: 'IA',
  sketch: 'Schizzo, non IA',
  aiLead: 'Questa immagine è stata fatta con l’IA.',
  sketchLead: 'Disegnata da una procedura, senza IA.',
  show: 'Come è stata fatta questa immagine',
  model: 'Modello',
  maker: 'Fatta da',
  date: 'Fatta il',
  prompt: 'Prompt',
  promptHidden: 'L’autore lo tiene per sé.',
  original: 'Originale',
  openOriginal: 'Apri il file intatto',
  remix: 'Chi può farne un remix',
  remixPolicy: { nobody: 'Nessuno', followers: 'I follower', anyone: 'Chiunque' },
}

export const koreanProvenance: ProvenanceWords = {
  ai: 'AI',
  sketch: '스케치, AI 아님',
  aiLead: '이 그림은 AI로 만들었습니다.',
  sketchLead: 'AI 없이 절차에 따라 그렸습니다.',
  show: '이 그림이 만들어진 방법',
  model: '모델',
  maker: '만든 사람',
  date: '만든 날',
  prompt: '프롬프트',
  promptHidden: '작성자가 공개하지 않았습니다.',
  original: '원본',
  openOriginal: '손대지 않은 파일 열기',
  remix: '리믹스할 수 있는 사람',
  remixPolicy: { nobody: '없음', followers: '팔로워', anyone: '누구나' },
}
