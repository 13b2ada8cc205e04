/** The job queue, as the rest of custody sees it. The only file that loads graphile-worker. */
import { log } from '@kuramori/program';

// As soon as it is loaded it looks for a configuration file from the working directory upwards to the home directory.
// Under --permission that walk is refused and ends the process; it ends at once where the two are one.
const home = process.env['HOME'];
process.env['HOME'] = process.cwd();
const { run, runMigrations, Logger } = await import('graphile-worker');
if (home === undefined) delete process.env['HOME'];
else process.env['HOME'] = home;

export { run, runMigrations };

const worthLogging: ReadonlySet<string> = new Set(['error', 'warning']);

/** The queue's own words, where they matter: on our log, in our form. */
export const queueLogger = new Logger((scope) => (level, message) => {
  if (worthLogging.has(level)) log('queue', { level, message, job: scope.jobId, task: scope.taskIdentifier });
});
