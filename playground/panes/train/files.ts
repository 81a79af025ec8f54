import type { App } from '../../app/app.js';
import { element } from '../../app/dom.js';
import { failureOf } from '../../training/trainer.js';
import { archiveOf } from './archive.js';

function save(name: string, bytes: Uint8Array<ArrayBuffer> | string, type: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  element('a', { href: address, download: name }).click();
  // The download starts after this task; the address may go once it has.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
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
  const saveProgram = button('Save program', async () => {
    const { compiled } = workspace.state.get();
    if (compiled === null) return;
    save(`${modelName()}.zip`, await archiveOf(compiled, app.compiler), 'application/zip');
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
