/** Typed: what somebody answers, a line at a time. */

/** What was read beyond the line that was asked for. */
let ahead = '';

/** Asks, and reads one line from standard input; null where nobody is there. */
export async function typed(say: (line: string) => void, question: string): Promise<string | null> {
  say(question);
  if (!ahead.includes('\n'))
    for await (const chunk of process.stdin.iterator({ destroyOnReturn: false })) {
      ahead += String(chunk);
      if (ahead.includes('\n') || ahead.length > longestLine) break;
    }
  const [line, ...rest] = ahead.split('\n');
  const nobody = ahead === '';
  ahead = rest.join('\n');
  return nobody ? null : (line ?? '');
}

const longestLine = 20_000;
