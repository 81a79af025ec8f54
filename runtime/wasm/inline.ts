import { type ThreadHost, type ThreadRequest, threadMain } from './thread.js';

/**
 * The calling thread as the only one, for where memory cannot be shared. A submission runs as one task of the event
 * loop, which does nothing else meanwhile.
 */
export const inlineThreads: ThreadHost = {
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
        setTimeout(() => {
          if (!ended) handle(message);
        }, 0);
      },
      hold: () => undefined,
      terminate() {
        ended = true;
      },
    };
  },
};
