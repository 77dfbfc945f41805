// Makes GLib's locks and reference counts visible to ThreadSanitizer, in test programs only. GMutex
// and GCond are bare futexes and the libraries' atomics are not instrumented, so the sanitizer sees
// neither: it takes every two accesses ordered by them for a race.
// The functions here stand in front of GLib's (the test program exports them, -rdynamic), call the
// real ones and tell the sanitizer what they order. A lock that is really missing is still found.
#include <dlfcn.h>
#include <glib-object.h>
#include <gst/gst.h>

extern "C" {

void __tsan_acquire(void* address);
void __tsan_release(void* address);

// Inside a library calls bind to its own functions, not to those below. What GLib and GStreamer
// allocate, copy and free for themselves is theirs to order; our code is watched all the same.
const char* __tsan_default_suppressions() {
  return "called_from_lib:libglib-2.0.so\n"
         "called_from_lib:libgobject-2.0.so\n"
         "called_from_lib:libgstreamer-1.0.so\n"
         "called_from_lib:libgstbase-1.0.so\n";
}

#undef g_mutex_lock
#undef g_mutex_unlock
#undef g_mutex_trylock
#undef g_rec_mutex_lock
#undef g_rec_mutex_unlock
#undef g_rec_mutex_trylock
#undef g_rw_lock_reader_lock
#undef g_rw_lock_reader_unlock
#undef g_rw_lock_reader_trylock
#undef g_rw_lock_writer_lock
#undef g_rw_lock_writer_unlock
#undef g_rw_lock_writer_trylock
}

namespace {

// GLib's own function of that name and type.
template <typename Function>
Function* Real(Function* /*type*/, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// A function whose return orders what comes after it behind the last release of its lock.
#define SFU_ACQUIRING(function, Lock)                     \
  void function(Lock* lock) {                             \
    static auto* const real = Real(&function, #function); \
    real(lock);                                           \
    __tsan_acquire(lock);                                 \
  }

#define SFU_TRYING(function, Lock)                        \
  gboolean function(Lock* lock) {                         \
    static auto* const real = Real(&function, #function); \
    const gboolean taken = real(lock);                    \
    if (taken) __tsan_acquire(lock);                      \
    return taken;                                         \
  }

#define SFU_RELEASING(function, Lock)                     \
  void function(Lock* lock) {                             \
    static auto* const real = Real(&function, #function); \
    __tsan_release(lock);                                 \
    real(lock);                                           \
  }

extern "C" {

SFU_ACQUIRING(g_mutex_lock, GMutex)
SFU_TRYING(g_mutex_trylock, GMutex)
SFU_RELEASING(g_mutex_unlock, GMutex)
SFU_ACQUIRING(g_rec_mutex_lock, GRecMutex)
SFU_TRYING(g_rec_mutex_trylock, GRecMutex)
SFU_RELEASING(g_rec_mutex_unlock, GRecMutex)
SFU_ACQUIRING(g_rw_lock_writer_lock, GRWLock)
SFU_TRYING(g_rw_lock_writer_trylock, GRWLock)
SFU_RELEASING(g_rw_lock_writer_unlock, GRWLock)
SFU_ACQUIRING(g_rw_lock_reader_lock, GRWLock)
SFU_TRYING(g_rw_lock_reader_trylock, GRWLock)
SFU_RELEASING(g_rw_lock_reader_unlock, GRWLock)

// Waiting gives the mutex away and takes it again.
void g_cond_wait(GCond* condition, GMutex* mutex) {
  static auto* const real = Real(&g_cond_wait, "g_cond_wait");
  __tsan_release(mutex);
  real(condition, mutex);
  __tsan_acquire(mutex);
}

gboolean g_cond_wait_until(GCond* condition, GMutex* mutex, gint64 end_time) {
  static auto* const real = Real(&g_cond_wait_until, "g_cond_wait_until");
  __tsan_release(mutex);
  const gboolean signalled = real(condition, mutex, end_time);
  __tsan_acquire(mutex);
  return signalled;
}

// Whoever drops the last reference comes after all who dropped theirs.
void g_object_unref(gpointer object) {
  static auto* const real = Real(&g_object_unref, "g_object_unref");
  __tsan_release(object);
  __tsan_acquire(object);
  real(object);
}

void gst_object_unref(gpointer object) {
  static auto* const real = Real(&gst_object_unref, "gst_object_unref");
  __tsan_release(object);
  __tsan_acquire(object);
  real(object);
}

void gst_mini_object_unref(GstMiniObject* object) {
  static auto* const real = Real(&gst_mini_object_unref, "gst_mini_object_unref");
  __tsan_release(object);
  __tsan_acquire(object);
  real(object);
}
}
