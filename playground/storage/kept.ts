const key = 'iwaec-playground-text';
const earlierKey = 'iwaec-playground-earlier-text';
const themeKey = 'iwaec-playground-theme';

const read = (name: string): string | null => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};

const write = (name: string, text: string): boolean => {
  try {
    localStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
};

/** The text of the last visit, or null. */
export const keptText = (): string | null => read(key);

/** The text that a shared or example one replaced, or null. */
export const earlierText = (): string | null => read(earlierKey);

/** Keeps the text in this browser; false where the browser has no room or keeps nothing. */
export const keepText = (text: string): boolean => write(key, text);

/** Keeps a text that another one is about to replace. */
export const keepEarlierText = (text: string): boolean => write(earlierKey, text);

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const keptTheme = (): Theme => themes.find(theme => theme === read(themeKey)) ?? 'system';

export const keepTheme = (theme: Theme): boolean => write(themeKey, theme);
