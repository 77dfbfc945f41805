// The page becomes three files of fixed names, which meson knows.
import {defineConfig} from 'vite';

export default defineConfig({
  base: './',
  logLevel: 'warn',
  build: {
    target: 'es2022',
    // meson's folder, which it names by --outDir, is outside of the root and has files of its own.
    emptyOutDir: false,
    modulePreload: {polyfill: false},
    chunkSizeWarningLimit: 1000,
    rollupOptions: {
      output: {
        entryFileNames: 'room.js',
        assetFileNames: 'room.[ext]',
        inlineDynamicImports: true,
      },
    },
  },
});
