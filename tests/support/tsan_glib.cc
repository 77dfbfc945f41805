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

// Gives up a reference unless it is the last one. The count is looked at and changed in one step: a
// last one that slipped in between would not be told of this one. The sanitizer must not see the
// count itself, for the library frees it unseen. (Toggle references, which bindings to other
// languages use, are not told of.)
template <typename Count>
__attribute__((no_sanitize("thread"))) bool DropAllButLast(Count* count) {
  __tsan_release(count);
  Count seen = __atomic_load_n(count, __ATOMIC_ACQUIRE);
  while (seen > 1) {
    if (__atomic_compare_exchange_n(count, &seen, seen - 1, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE)) {
      return true;
    }
  }
  __tsan_acquire(count);
  return false;
}

// While a thread drops the last reference to an object. To dispose of it may give references to
// other threads, which drop them before it is finalized: the thread comes after them, too.
class EndOfObject {
 public:
  explicit EndOfObject(gpointer object) : object_(object), outer_(innermost_) { innermost_ = this; }
  ~EndOfObject() { innermost_ = outer_; }
  EndOfObject(const EndOfObject&) = delete;
  EndOfObject& operator=(const EndOfObject&) = delete;

  static void OnListChanged(GData** list) {
    if (innermost_ == nullptr) return;
    auto* object = static_cast<GObject*>(innermost_->object_);
    if (list == &object->qdata) __tsan_acquire(&GST_OBJECT_REFCOUNT(object));
  }

 private:
  static thread_local EndOfObject* innermost_;

  const gpointer object_;
  EndOfObject* const outer_;
};

thread_local EndOfObject* EndOfObject::innermost_ = nullptr;

// The library's function that frees a memory; the same for all of them.
GstMiniObjectFreeFunction free_memory = nullptr;

// Stands in its place: whoever frees a memory comes after all who freed a buffer with it.
void FreeMemory(GstMiniObject* memory) {
  __tsan_acquire(&GST_MINI_OBJECT_REFCOUNT(memory));
  free_memory(memory);
}

// Before a buffer is freed: its memories, which other buffers may share, are given up by the
// library itself. Only relaxed accesses, or the sanitizer would take two threads that come by for
// ordered.
__attribute__((no_sanitize("thread"))) void ReleaseMemories(GstMiniObject* object) {
  if (!GST_IS_BUFFER(object)) return;
  GstBuffer* buffer = GST_BUFFER_CAST(object);
  const guint count = gst_buffer_n_memory(buffer);
  for (guint i = 0; i < count; ++i) {
    GstMiniObject* memory = GST_MINI_OBJECT_CAST(gst_buffer_peek_memory(buffer, i));
    const auto free = __atomic_load_n(&memory->free, __ATOMIC_RELAXED);
    if (free != &FreeMemory) {
      __atomic_store_n(&free_memory, free, __ATOMIC_RELAXED);
      __atomic_store_n(&memory->free, &FreeMemory, __ATOMIC_RELEASE);
    }
    __tsan_release(&GST_MINI_OBJECT_REFCOUNT(memory));
  }
}

// The function of a thread pool, behind one that shows the hand-over of the item.
struct PoolFunction {
  GFunc function;
  gpointer data;

  static void Run(gpointer item, gpointer self) {
    __tsan_acquire(item);
    const auto* call = static_cast<PoolFunction*>(self);
    call->function(item, call->data);
  }
};

// The callback of a source, behind one that shows that the source was attached before.
struct SourceCallback {
  GSource* source;  // keeps this; null if GLib makes it
  GSourceFunc function;
  gpointer data;
  GDestroyNotify destroy;

  void Acquire() const {
    if (source != nullptr) __tsan_acquire(source);
  }
  static gboolean Run(gpointer self) {
    __tsan_acquire(self);
    const auto* call = static_cast<SourceCallback*>(self);
    call->Acquire();
    return call->function(call->data);
  }
  static void Destroy(gpointer self) {
    __tsan_acquire(self);
    const auto* call = static_cast<SourceCallback*>(self);
    call->Acquire();
    if (call->destroy != nullptr) call->destroy(call->data);
    delete call;
  }
};

// What a value holds is given up inside GObject. This keeps it till then, and gives it up in sight.
class HeldObject {
 public:
  explicit HeldObject(const GValue* value) {
    if (G_IS_VALUE(value) && G_VALUE_HOLDS_OBJECT(value)) object_ = g_value_dup_object(value);
  }
  ~HeldObject() {
    if (object_ != nullptr) g_object_unref(object_);
  }
  HeldObject(const HeldObject&) = delete;
  HeldObject& operator=(const HeldObject&) = delete;

 private:
  gpointer object_ = nullptr;
};

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

#define SFU_TAKING(function)                              \
  gpointer function(GAsyncQueue* queue) {                 \
    static auto* const real = Real(&function, #function); \
    gpointer item = real(queue);                          \
    __tsan_acquire(queue);                                \
    return item;                                          \
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

// A queue's lock is taken inside GLib. Whoever takes an item comes after all who put some in.
void g_async_queue_push(GAsyncQueue* queue, gpointer item) {
  static auto* const real = Real(&g_async_queue_push, "g_async_queue_push");
  __tsan_release(queue);
  real(queue, item);
}

SFU_TAKING(g_async_queue_try_pop)
SFU_TAKING(g_async_queue_try_pop_unlocked)

gpointer g_async_queue_timeout_pop(GAsyncQueue* queue, guint64 timeout) {
  static auto* const real = Real(&g_async_queue_timeout_pop, "g_async_queue_timeout_pop");
  gpointer item = real(queue, timeout);
  __tsan_acquire(queue);
  return item;
}

// What a pool's thread does with an item comes after the push of that item: so begin GStreamer's
// tasks, and the calls of gst_element_call_async().
GThreadPool* g_thread_pool_new(GFunc function, gpointer data, gint max_threads, gboolean exclusive,
                               GError** error) {
  static auto* const real = Real(&g_thread_pool_new, "g_thread_pool_new");
  // Never freed, like GStreamer's two pools.
  auto* call = new PoolFunction{function, data};
  return real(&PoolFunction::Run, call, max_threads, exclusive, error);
}

gboolean g_thread_pool_push(GThreadPool* pool, gpointer item, GError** error) {
  static auto* const real = Real(&g_thread_pool_push, "g_thread_pool_push");
  __tsan_release(item);
  return real(pool, item, error);
}

// What a main loop calls comes after whoever attached the source: so tasks go to another thread.
// Sources of other kinds than timeouts and idle ones take functions of other types.
void g_source_set_callback(GSource* source, GSourceFunc function, gpointer data,
                           GDestroyNotify destroy) {
  static auto* const real = Real(&g_source_set_callback, "g_source_set_callback");
  if (source->source_funcs != &g_timeout_funcs && source->source_funcs != &g_idle_funcs) {
    real(source, function, data, destroy);
    return;
  }
  auto* call = new SourceCallback{source, function, data, destroy};
  __tsan_release(call);
  real(source, &SourceCallback::Run, call, &SourceCallback::Destroy);
}

guint g_source_attach(GSource* source, GMainContext* context) {
  static auto* const real = Real(&g_source_attach, "g_source_attach");
  __tsan_release(source);
  return real(source, context);
}

void g_main_context_invoke_full(GMainContext* context, gint priority, GSourceFunc function,
                                gpointer data, GDestroyNotify destroy) {
  static auto* const real = Real(&g_main_context_invoke_full, "g_main_context_invoke_full");
  auto* call = new SourceCallback{nullptr, function, data, destroy};
  __tsan_release(call);
  real(context, priority, &SourceCallback::Run, call, &SourceCallback::Destroy);
}

// Iterators drop their last reference to an element or a pad here.
void g_value_unset(GValue* value) {
  static auto* const real = Real(&g_value_unset, "g_value_unset");
  const HeldObject held(value);
  real(value);
}

GValue* g_value_reset(GValue* value) {
  static auto* const real = Real(&g_value_reset, "g_value_reset");
  const HeldObject held(value);
  return real(value);
}

// Whoever drops the last reference comes after all who dropped theirs. gst_object_unref() comes
// through here, too.
void g_object_unref(gpointer object) {
  static auto* const real = Real(&g_object_unref, "g_object_unref");
  if (DropAllButLast(&GST_OBJECT_REFCOUNT(object))) return;
  const EndOfObject end(object);
  real(object);
}

// The last thing that g_object_unref() does before it finalizes is to clear these lists.
void g_datalist_id_set_data_full(GData** list, GQuark key, gpointer data, GDestroyNotify destroy) {
  static auto* const real = Real(&g_datalist_id_set_data_full, "g_datalist_id_set_data_full");
  EndOfObject::OnListChanged(list);
  real(list, key, data, destroy);
}

void gst_mini_object_unref(GstMiniObject* object) {
  static auto* const real = Real(&gst_mini_object_unref, "gst_mini_object_unref");
  if (DropAllButLast(&GST_MINI_OBJECT_REFCOUNT(object))) return;
  ReleaseMemories(object);
  real(object);
}
}
