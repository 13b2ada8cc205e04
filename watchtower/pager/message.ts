/** A message: what one person is told about a page, in words that a telephone shows at three in the morning. */
import type { Known } from './state.ts';

export interface Message {
  readonly what: 'call' | 'acknowledged' | 'resolved';
  readonly page: string;
  readonly topic: string;
  /** Whether it must be answered. */
  readonly needsAnswer: boolean;
  /** In one line. */
  readonly summary: string;
  /** All of it, a few lines. */
  readonly text: string;
  /** Where this person answers it, and nobody else; null where nothing is to be answered. */
  readonly link: string | null;
  /** The same for each try: whoever gets it twice can tell. */
  readonly id: string;
  /** Of this page, the how manieth call. */
  readonly round: number;
  /** Which opening of the page it is about: each answer ends one. */
  readonly opening: number;
  readonly opened: number;
  /** Who answered it last; null where nobody did. */
  readonly by: string | null;
}

/** `link`: where this person answers. `id`: what tells this message from others. */
export function messageOf(
  page: Known,
  what: Message['what'],
  round: number,
  link: string,
  id: string,
): Message {
  const sources = [...page.sources].map(([source, { over }]) => (over ? `${source} (over)` : source));
  const answer = page.answers.at(-1);
  const needsAnswer = what === 'call' && page.needs === 'answer';
  const head = {
    call: needsAnswer ? page.topic : `for your information: ${page.topic}`,
    acknowledged: `${answer?.by ?? 'somebody'} has answered: ${page.topic}`,
    resolved: `over: ${page.topic}`,
  }[what];
  const lines = [
    head,
    '',
    page.newest.what,
    ...(sources.length > 0 ? ['', `Says: ${sources.join(', ')}`] : []),
    `Since: ${new Date(page.opened).toISOString()}`,
    ...(round > 1 && what === 'call' ? [`Call: ${round}`] : []),
    ...(needsAnswer ? ['', `Answer here: ${link}`, `or: kuramori page ack ${page.id} --as <you>`] : []),
  ];
  return {
    what,
    page: page.id,
    topic: page.topic,
    needsAnswer,
    summary: `[${page.id}] ${head}`,
    text: lines.join('\n'),
    link: needsAnswer ? link : null,
    id,
    round,
    opening: what === 'call' ? page.answers.length + 1 : Math.max(1, page.answers.length),
    opened: page.opened,
    by: answer?.by ?? null,
  };
}
