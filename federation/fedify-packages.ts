// Fedify, its vocabulary and what they stand on hold as much memory as all the rest of a server, and what is usual is
// done without them. So they are loaded here alone, each when something first needs it; elsewhere only their types
// are imported.

export const loadFedifyPackage = () => import('@fedify/fedify')
export const loadSignatures = () => import('@fedify/fedify/sig')
export const loadVocabulary = () => import('@fedify/vocab')
export const loadVocabularyRuntime = () => import('@fedify/vocab-runtime')
