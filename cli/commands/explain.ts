import type { Register } from '../command.js';
import { compiler } from '../doors.js';
import { Failure } from '../failure.js';
import { common } from '../options.js';

export const explain: Register = (program, run) => {
  const command = program
    .command('explain')
    .argument(
      '[code]',
      'what stands in brackets in a message, such as shape-mismatch; without it, all are listed',
    )
    .description('show the page of a diagnostic: what it means, a wrong and a right example');
  common(command, 'iwaec explain support-mismatch').action(
    run<object>(async (terminal, _options, code) => {
      const { diagnosticCodes, explainDiagnostic, isDiagnosticCode, suggestCode } = await compiler();
      if (code === undefined) {
        terminal.answer(diagnosticCodes.join('\n'));
        terminal.result({ codes: diagnosticCodes });
        return 'ok';
      }
      if (!isDiagnosticCode(code)) {
        const near = suggestCode(code);
        throw new Failure('usage', `there is no diagnostic called '${code}'`, {
          help: near === null ? 'iwaec explain lists them all' : `did you mean ${near}?`,
        });
      }
      const page = explainDiagnostic(code);
      terminal.answer(page.trimEnd());
      terminal.result({ code, page });
      return 'ok';
    }),
  );
};
