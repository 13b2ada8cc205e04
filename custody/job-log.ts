import './confined.ts';
import { log } from '@kuramori/program';
import { Logger } from 'graphile-worker';

/** The queue's own words, where they matter: on our log, in our form. */
export const jobLogger = new Logger((scope) => (level, message) => {
  const wanted: readonly string[] = ['error', 'warning'];
  if (wanted.includes(level)) log('queue', { level, message, job: scope.jobId, task: scope.taskIdentifier });
});
