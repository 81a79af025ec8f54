/** The page of a code: what the rule is and why, a program that breaks it and one that does not. */
export const page = (text: string, wrong: string, right: string): string =>
  `${text}\n\nWrong:\n\n\`\`\`iwae\n${wrong}\n\`\`\`\n\nRight:\n\n\`\`\`iwae\n${right}\n\`\`\`\n`;
