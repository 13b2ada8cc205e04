/**
 * Imported before graphile-worker, which looks for a configuration file from the working directory upwards to the
 * home directory as soon as it is loaded. Under --permission that walk is refused and ends the process, so the
 * working directory is its home.
 */
process.env['HOME'] = process.cwd();
