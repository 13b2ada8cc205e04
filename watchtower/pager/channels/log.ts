/** The pager's own log, for a sandbox. The link stands in it: whoever reads the log may answer. */
import { log } from '@kuramori/program';
import type { Way } from './channel.ts';

export const logged: Way = {
  carries: { notes: true, updates: true },
  send({ what, page, topic, text, link }) {
    log(what === 'call' ? 'page' : `page ${what}`, { page, topic, text, link });
    return Promise.resolve({ accepted: true, answer: 'in the log' });
  },
};
