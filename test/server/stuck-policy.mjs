/** A policy whose engine thread ends up in a native call that does not return. */
import koffi from "koffi";

const sleep = koffi.load(null).func("unsigned int sleep(unsigned int)");

export default {
  name: "stuck",
  summary: "never comes back",
  options: {},
  create: () => ({
    maxSequences: 4,
    admitsWhileRunning: true,
    delivery: "stream",
    mayStart: () => {
      sleep(60);
      return { start: 1 };
    },
  }),
};
