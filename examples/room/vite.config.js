// Each page becomes three files of fixed names, which meson knows: `--mode watch` builds watch.html, any
// other mode index.html.
import {resolve} from 'node:path';

import {defineConfig} from 'vite';

export default defineConfig(({mode}) => {
  const [html, name] = mode === 'watch' ? ['watch.html', 'watch'] : ['index.html', 'room'];
  return {
    base: './',
    logLevel: 'warn',
    // Also for a mode that Vite does not know.
    define: {'process.env.NODE_ENV': '"production"'},
    build: {
      target: 'es2022',
      // meson's folder, which it names by --outDir, is outside of the root and has files of its own.
      emptyOutDir: false,
      modulePreload: {polyfill: false},
      chunkSizeWarningLimit: 1000,
      rollupOptions: {
        input: resolve(import.meta.dirname, 'page', html),
        output: {
          entryFileNames: `${name}.js`,
          assetFileNames: `${name}.[ext]`,
          inlineDynamicImports: true,
        },
      },
    },
  };
});
