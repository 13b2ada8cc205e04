/** Feed: prices from wherever the configuration says. A lying one can raise what may be hot as far as the need, never above it, and lower nothing. */
import { reasonOf } from '@kuramori/program';
import { PricesBody } from './price.ts';

export type PricesRead =
  | { readonly kind: 'prices'; readonly body: PricesBody }
  | { readonly kind: 'failed'; readonly why: string };

/** A source of prices: another one is another function. */
export type PriceFeed = (over: AbortSignal) => Promise<PricesRead>;

const patienceMs = 10_000;
const mostBytes = 1_000_000;

/** GET, JSON as POST /v1/prices takes it. */
export function httpFeed(url: string): PriceFeed {
  return async (over) => {
    try {
      const signal = AbortSignal.any([over, AbortSignal.timeout(patienceMs)]);
      const answer = await fetch(url, { redirect: 'error', signal });
      if (!answer.ok) {
        await answer.body?.cancel();
        return { kind: 'failed', why: `${url}: answered ${answer.status}` };
      }
      const read = PricesBody.safeParse(JSON.parse(await textOf(answer)));
      if (read.success) return { kind: 'prices', body: read.data };
      const issue = read.error.issues[0];
      return { kind: 'failed', why: `${url}: ${issue?.path.join('.') || 'body'}: ${issue?.message}` };
    } catch (cause) {
      return { kind: 'failed', why: `${url}: ${reasonOf(cause)}` };
    }
  };
}

async function textOf({ body }: Response): Promise<string> {
  if (!body) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > mostBytes) throw new RangeError(`is longer than ${mostBytes} bytes`);
  }
  return text + decoder.decode();
}
