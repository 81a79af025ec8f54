// `npm run fuzz -- 100000 1`: how many mutated programs, and the seed of the first. In the environment, because that is what
// vitest hands to its workers; set here, because shells differ in how they set it.
import { startVitest } from 'vitest/node';

const [programs = '100000', seed = '1'] = process.argv.slice(2);
process.env.FUZZ_PROGRAMS = programs;
process.env.FUZZ_SEED = seed;
const vitest = await startVitest('test', ['test/fuzz'], { project: 'fast', watch: false });
await vitest.close();
