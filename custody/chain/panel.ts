/** Panel: our nodes, asked together. More than half of them must say the same; who is slow does not hold up the rest. */
import type { Read, WatchedNode } from '@kuramori/chains/watched';

type Node = WatchedNode<unknown>;

export interface Heard<T, N = Node> {
  readonly node: N;
  readonly answer: Read<T>;
}

export interface Panel<N = Node> {
  /** As many must agree before anything is believed: two of two, two of three, three of four. */
  readonly majority: number;
  /** Each node's answer, in the order of the nodes; one that is late counts as failed. */
  readonly ask: <T>(question: (node: N) => Promise<Read<T>>) => Promise<readonly Heard<T, N>[]>;
}

/** How long the others are waited for once a majority has answered, in milliseconds. */
const usualGrace = 250;

export function openPanel<N extends Node>(nodes: readonly N[], graceMs = usualGrace): Panel<N> {
  const majority = Math.floor(nodes.length / 2) + 1;
  /** Nodes that still owe an answer. They are asked nothing more until it came or its time is over. */
  const busy = new Set<N>();
  return {
    majority,
    async ask(question) {
      const heard = new Map<N, Heard<never, N> | Awaited<ReturnType<typeof one>>>();
      const late = (node: N) =>
        ({ node, answer: { kind: 'failed', detail: `${node.url}: no answer yet` } }) as const;
      async function one(node: N) {
        busy.add(node);
        try {
          const found = { node, answer: await question(node) };
          heard.set(node, found);
          return found;
        } finally {
          busy.delete(node);
        }
      }
      const asked = nodes.filter((node) => !busy.has(node)).map(one);
      await enough(asked, majority, graceMs);
      return nodes.map((node) => heard.get(node) ?? late(node));
    },
  };
}

/** Settles when all are there, or a majority has read something and the grace for the others is over. */
async function enough(
  asked: readonly Promise<{ readonly answer: Read<unknown> }>[],
  majority: number,
  graceMs: number,
): Promise<void> {
  let read = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  await new Promise<void>((resolve, reject) => {
    for (const one of asked) {
      one.then(({ answer }) => {
        if (answer.kind === 'read') read += 1;
        if (read >= majority) timer ??= setTimeout(resolve, graceMs);
      }, reject);
    }
    void Promise.allSettled(asked).then(() => resolve());
  }).finally(() => clearTimeout(timer));
}
