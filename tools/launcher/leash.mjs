// Loaded into the service before its own code (--import): the launcher holds the other end of the channel, and the
// kernel closes it when the launcher dies in any way. The service then ends as on SIGTERM.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
