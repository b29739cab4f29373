/** Chooses one of some named things, in a small space. */
export function Picker<T extends string>({
  label,
  value,
  options,
  choose,
}: {
  label: string;
  value: T;
  /** By value; one that cannot be chosen is left out. */
  options: Readonly<Partial<Record<T, string>>>;
  choose: (value: T) => void;
}) {
  const entries = Object.entries(options) as [T, string][];
  return (
    <select
      className="select compact"
      aria-label={label}
      value={value}
      onChange={(event) => {
        const chosen = entries.find(([name]) => name === event.target.value);
        if (chosen !== undefined) choose(chosen[0]);
      }}
    >
      {entries.map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
  );
}
