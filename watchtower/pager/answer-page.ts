/** What a link shows: a plain page with one button, in English and Japanese. Nothing on it runs, or comes from elsewhere. */
import type { Known } from './state.ts';

export function answerPage(page: Known, person: string): string {
  const time = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const answer = page.answers.at(-1);
  const head = `<h1>${escaped(page.topic)}</h1><pre>${escaped(page.newest.what)}</pre>
<p>${page.id} · ${time(page.opened)} UTC</p>`;
  if (page.state === 'open')
    return whole(`${head}<form method="post"><button>I am on it<br><span lang="ja">対応します</span></button></form>
<p>You answer as ${escaped(person)}. <span lang="ja">${escaped(person)} さんとして応答します。</span></p>`);
  const by = escaped(answer?.by ?? '–');
  const state =
    page.state === 'resolved'
      ? `This is over. Answered by ${by}. <span lang="ja">終了しました。応答者: ${by}</span>`
      : `Answered by ${by} at ${time(answer?.at ?? 0)} UTC. <span lang="ja">応答済み: ${by}</span>`;
  return whole(`${head}<p>${state}</p>`);
}

export const noSuchPage = whole(
  '<h1>No such page</h1><p>The link is not whole, or too old. <span lang="ja">リンクが正しくないか、古すぎます。</span></p>',
);

function whole(body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Kuramori</title>
<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<style>body{font:18px sans-serif;margin:2em;max-width:40em}pre{white-space:pre-wrap;overflow-wrap:anywhere}
button{font-size:1.4em;padding:1em 2em}</style></head><body>${body}</body></html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
