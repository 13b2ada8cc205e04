/**
 * Challenges that were asked of authenticators: each is answered once, soon, and for what it was asked about, so that no
 * answer that was given for one thing is used for another. They are of this process: after a restart it asks again.
 */
import { randomBytes } from 'node:crypto';

const livesMs = 5 * 60_000;
/** More than people have open at once; a flood pushes out the oldest, and takes no more memory. */
const most = 1_000;

export interface Asked {
  /** A new one, as base64url. */
  readonly ask: (about: string) => string;
  /** Takes it: true once, where it was asked about this and not too long ago. */
  readonly take: (challenge: string, about: string) => boolean;
}

/** `now`: ms of a clock that only runs. */
export function openChallenges(now: () => number): Asked {
  const open = new Map<string, { readonly about: string; readonly at: number }>();
  return {
    ask(about) {
      const challenge = randomBytes(32).toString('base64url');
      const [oldest] = open.keys();
      if (open.size >= most && oldest !== undefined) open.delete(oldest);
      open.set(challenge, { about, at: now() });
      return challenge;
    },
    take(challenge, about) {
      const found = open.get(challenge);
      open.delete(challenge);
      return found !== undefined && found.about === about && now() - found.at < livesMs;
    },
  };
}
