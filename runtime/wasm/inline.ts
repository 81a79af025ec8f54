import { type ThreadHost, type ThreadRequest, threadMain } from './thread.js';

/**
 * The calling thread as the only one, for where memory cannot be shared. A submission runs as one task, and nothing else
 * runs on this thread meanwhile. `defer` makes a task of it.
 */
export const threadsHere = (defer: (task: () => void) => void): ThreadHost => ({
  cores: 1,
  start(events) {
    let handle: (message: ThreadRequest) => void = () => undefined;
    let ended = false;
    threadMain({
      post: message => events.reply(message),
      listen: handler => {
        handle = handler;
      },
    });
    return {
      post(message) {
        defer(() => {
          if (!ended) handle(message);
        });
      },
      hold: () => undefined,
      terminate() {
        ended = true;
      },
    };
  },
});

/** On a thread that has other things to do: they have their turn between submissions. */
export const inlineThreads: ThreadHost = threadsHere(task => {
  setTimeout(task, 0);
});
