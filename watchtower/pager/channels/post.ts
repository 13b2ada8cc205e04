/** One bounded POST to a service elsewhere. Accepted is 2xx and nothing else; a redirect leads to where no configuration did. */
import type { Outcome } from './channel.ts';

const answerWithinMs = 10_000;

export async function post(
  url: string,
  body: string,
  headers: { readonly [name: string]: string },
): Promise<Outcome> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'user-agent': 'kuramori-pager/1', ...headers },
      body,
      signal: AbortSignal.timeout(answerWithinMs),
    });
    // Never read: it could be endless, and nothing in it would change what is done.
    await answer.body?.cancel();
    return { accepted: answer.ok, answer: `status ${answer.status}` };
  } catch (cause) {
    return { accepted: false, answer: why(cause) };
  }
}

export function postJson(url: string, body: object, headers: { readonly [name: string]: string } = {}) {
  return post(url, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

/** Never the URL: it may be a secret. */
function why(cause: unknown): string {
  const { name, message, cause: inner } = cause as Error;
  if (name === 'TimeoutError') return `no answer within ${answerWithinMs} ms`;
  const { code = '', message: detail } =
    inner instanceof Error ? (inner as NodeJS.ErrnoException) : { message };
  return (code || detail).slice(0, 200);
}
