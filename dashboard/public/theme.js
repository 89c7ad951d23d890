// Before the first paint, so that a chosen theme does not flash the other one.
try {
  const { theme, density } = JSON.parse(localStorage.getItem('flint') || '{}')
  if (theme) document.documentElement.dataset.theme = theme
  if (density) document.documentElement.dataset.density = density
} catch {}
