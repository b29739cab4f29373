// The stored theme before the first paint, so that the page does not flash. A script of its own,
// because the page's policy runs none that stands in its markup.
(() => {
  let theme = 'system';
  try {
    theme = JSON.parse(localStorage.getItem('switchyard.view'))?.theme;
  } catch {
    // No storage, or nothing that can be read: the system's theme, as the page takes it then.
  }
  const isDark =
    theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
})();
