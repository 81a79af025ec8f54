import { strToU8, zipSync } from 'fflate';
import type { App } from '../../app/app.js';
import { element } from '../../app/dom.js';
import type { Compiled } from '../../compiler/messages.js';
import { failureOf } from '../../training/trainer.js';

function save(name: string, bytes: Uint8Array<ArrayBuffer> | string, type: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  element('a', { href: address, download: name }).click();
  // The download starts after this task; the address may go once it has.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** The program and its kernels under the names that the command line gives them, beside their text. */
function archiveOf({ text, artefact: { program, wgsl, wasm } }: Compiled): Uint8Array<ArrayBuffer> {
  return zipSync({
    'spec.iwae': strToU8(text),
    'program.json': strToU8(`${JSON.stringify(program, null, 1)}\n`),
    ...Object.fromEntries(
      Object.entries(wgsl).map(([name, source]) => [`kernels/${name}.wgsl`, strToU8(source)]),
    ),
    ...(wasm === undefined ? {} : { 'kernels.wasm': wasm.plain, 'kernels.relaxed.wasm': wasm.relaxed }),
  });
}

/** What can be saved from the page and opened in it. */
export function createFiles(host: HTMLElement, app: App): void {
  const { trainer, workspace } = app;
  const outcome = element('p', { class: 'lead', role: 'status' });
  const say = (text: string) => {
    outcome.textContent = text;
  };
  const button = (text: string, work: () => void | Promise<void>) =>
    element(
      'button',
      {
        type: 'button',
        onclick: async () => {
          try {
            await work();
          } catch (error) {
            const { message, help } = failureOf(error);
            say(`${message}${help === '' ? '' : `: ${help}`}`);
          }
        },
      },
      text,
    );
  const modelName = () => workspace.state.get().compiled?.artefact.program.model.name ?? 'model';
  const saveText = button('Save text', () =>
    save(`${modelName()}.iwae`, workspace.text.get(), 'text/plain;charset=utf-8'),
  );
  const saveProgram = button('Save program', () => {
    const { compiled } = workspace.state.get();
    if (compiled !== null) save(`${modelName()}.zip`, archiveOf(compiled), 'application/zip');
  });
  const saveParameters = button('Save parameters', async () => {
    const bytes = await trainer.checkpoint();
    if (bytes !== null) save('checkpoint.safetensors', bytes, 'application/octet-stream');
  });
  const chooser = element('input', { type: 'file', accept: '.safetensors', 'aria-label': 'A checkpoint' });
  chooser.hidden = true;
  const open = button('Open parameters', () => chooser.click());
  chooser.onchange = async () => {
    const file = chooser.files?.[0];
    if (file === undefined) return;
    try {
      await trainer.restore(new Uint8Array(await file.arrayBuffer()), file.name);
      say(`${file.name}: opened, at step ${trainer.state.get().run?.session.step.toLocaleString('en')}.`);
    } catch (error) {
      const { message, help } = failureOf(error);
      say(`${message}${help === '' ? '' : `: ${help}`}`);
    }
    chooser.value = '';
  };
  const update = () => {
    const { status } = trainer.state.get();
    const able = status === 'training' || status === 'paused';
    saveProgram.disabled = workspace.state.get().compiled === null;
    saveParameters.disabled = !able;
    open.disabled = !able;
  };
  trainer.state.subscribe(update);
  workspace.state.subscribe(update);
  host.append(
    element(
      'section',
      { class: 'files', 'aria-label': 'Files' },
      element('div', { class: 'controls' }, saveParameters, open, chooser, saveProgram, saveText),
      outcome,
    ),
  );
}
