// What files that are taken away are called.
const most = 80;

/** TITLE, which may be the name of the file that it was made from, with the ending of what lies at URL. */
export function fileName(title: string, url: string): string {
  const ending = new URL(url, 'http://here').pathname.match(/\.\w{1,5}$/)?.[0] ?? '';
  const stem = title.replace(/\.(jpe?g|png|webp|gif|avif|heic|tiff?)$/i, '').replace(/[\\/:*?"<>|\s\p{C}]+/gu, ' ').trim().slice(0, most);
  return `${stem || 'cyclorama'}${ending}`;
}
