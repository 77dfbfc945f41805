// That ThreadSanitizer, with what tests/support/tsan_glib.cc tells it, takes hand-overs through
// GLib for what they are, and still finds every access that none of them orders.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <thread>

namespace sfu::test {
namespace {

// What two threads share: `value`, which nothing guards by itself, and ways to hand it over.
struct Shared {
  Shared() {
    g_mutex_init(&mutex);
    g_mutex_init(&other_mutex);
    g_object_set_data_full(G_OBJECT(pad.load()), "counted", &counted,
                           [](gpointer data) { ++*static_cast<int*>(data); });
  }
  ~Shared() {
    g_mutex_clear(&other_mutex);
    g_mutex_clear(&mutex);
    g_async_queue_unref(queue);
    g_main_context_unref(context);
    gst_object_unref(element);
    DropBuffer();
    DropPad();
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  void IncrementUnder(GMutex* lock) {
    g_mutex_lock(lock);
    ++value;
    g_mutex_unlock(lock);
  }
  // On a thread of GStreamer's. Returns when it is done, but shows the sanitizer nothing of that.
  void IncrementAsync() {
    done = false;
    gst_element_call_async(
        element,
        [](GstElement*, gpointer data) {
          auto* shared = static_cast<Shared*>(data);
          ++shared->value;
          shared->done.store(true, std::memory_order_relaxed);
        },
        this, nullptr);
    while (!done.load(std::memory_order_relaxed)) std::this_thread::yield();
  }

  // On the thread that runs the context.
  void IncrementInvoked() {
    g_main_context_invoke_full(
        context, G_PRIORITY_DEFAULT,
        [](gpointer data) -> gboolean {
          ++static_cast<Shared*>(data)->value;
          return G_SOURCE_REMOVE;
        },
        this, nullptr);
  }

  // Each gives up the reference that it holds, if it still does.
  void DropBuffer() {
    GstBuffer* mine = buffer.exchange(nullptr, std::memory_order_relaxed);
    if (mine != nullptr) gst_buffer_unref(mine);
  }
  // As iterators do.
  void DropPad() {
    GstPad* mine = pad.exchange(nullptr, std::memory_order_relaxed);
    if (mine == nullptr) return;
    GValue holder = G_VALUE_INIT;
    g_value_init(&holder, GST_TYPE_PAD);
    g_value_take_object(&holder, mine);
    g_value_unset(&holder);
  }

  int value = 0;
  std::atomic<bool> done{false};
  GMutex mutex;
  GMutex other_mutex;
  GAsyncQueue* queue = g_async_queue_new();
  GMainContext* context = g_main_context_new();
  GstElement* element = GST_ELEMENT(gst_object_ref_sink(gst_bin_new(nullptr)));
  int counted = 0;
  // Increments `counted` as it goes.
  std::atomic<GstBuffer*> buffer = gst_buffer_new_wrapped_full(
      GST_MEMORY_FLAG_READONLY, &counted, sizeof(counted), 0, sizeof(counted), &counted,
      [](gpointer data) { ++*static_cast<int*>(data); });
  // The same.
  std::atomic<GstPad*> pad = GST_PAD(gst_object_ref_sink(gst_pad_new("pad", GST_PAD_SRC)));
};

// `second` begins on another thread when `first` is done. Nothing of this orders memory.
struct Case {
  const char* name;
  std::function<void(Shared&)> first;
  std::function<void(Shared&)> second;
};

void RunBoth(const Case& steps) {
  Shared shared;
  std::atomic<bool> first_done{false};
  std::thread one([&] {
    steps.first(shared);
    first_done.store(true, std::memory_order_relaxed);
  });
  std::thread two([&] {
    while (!first_done.load(std::memory_order_relaxed)) std::this_thread::yield();
    steps.second(shared);
  });
  one.join();
  two.join();
}

std::string NameOf(const testing::TestParamInfo<Case>& info) { return info.param.name; }

class Ordered : public testing::TestWithParam<Case> {};

// A report makes the whole program fail.
TEST_P(Ordered, IsNoRace) { RunBoth(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    HandOver, Ordered,
    testing::Values(Case{"Mutex", [](Shared& s) { s.IncrementUnder(&s.mutex); },
                         [](Shared& s) { s.IncrementUnder(&s.mutex); }},
                    Case{"Queue",
                         [](Shared& s) {
                           ++s.value;
                           g_async_queue_push(s.queue, &s);
                         },
                         [](Shared& s) {
                           g_async_queue_try_pop(s.queue);
                           ++s.value;
                         }},
                    Case{"CallAsync",
                         [](Shared& s) {
                           ++s.value;
                           s.IncrementAsync();
                         },
                         [](Shared&) {}},
                    Case{"LastReference",
                         [](Shared& s) {
                           gst_buffer_ref(s.buffer);
                           ++s.counted;
                           gst_buffer_unref(s.buffer);
                         },
                         [](Shared& s) { s.DropBuffer(); }},
                    Case{"LastBufferOfAMemory",
                         [](Shared& s) {
                           GstBuffer* other = gst_buffer_copy(s.buffer);
                           ++s.counted;
                           gst_buffer_unref(other);
                         },
                         [](Shared& s) { s.DropBuffer(); }},
                    Case{"Invoke",
                         [](Shared& s) {
                           ++s.value;
                           s.IncrementInvoked();
                         },
                         [](Shared& s) { g_main_context_iteration(s.context, FALSE); }},
                    Case{"ValueWithTheLastReference",
                         [](Shared& s) {
                           gst_object_ref(s.pad);
                           ++s.counted;
                           gst_object_unref(s.pad);
                         },
                         [](Shared& s) { s.DropPad(); }}),
    NameOf);

class Unordered : public testing::TestWithParam<Case> {};

TEST_P(Unordered, IsReported) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        RunBoth(GetParam());
        std::exit(0);
      },
      [](int status) { return status != 0; }, "ThreadSanitizer: data race");
}

INSTANTIATE_TEST_SUITE_P(
    Race, Unordered,
    testing::Values(Case{"Bare", [](Shared& s) { ++s.value; }, [](Shared& s) { ++s.value; }},
                    Case{"TwoMutexes", [](Shared& s) { s.IncrementUnder(&s.mutex); },
                         [](Shared& s) { s.IncrementUnder(&s.other_mutex); }},
                    Case{"AfterUnlock",
                         [](Shared& s) {
                           s.IncrementUnder(&s.mutex);
                           ++s.value;
                         },
                         [](Shared& s) { s.IncrementUnder(&s.mutex); }},
                    Case{"AfterPush",
                         [](Shared& s) {
                           g_async_queue_push(s.queue, &s);
                           ++s.value;
                         },
                         [](Shared& s) {
                           g_async_queue_try_pop(s.queue);
                           ++s.value;
                         }},
                    Case{"AfterCallAsync",
                         [](Shared& s) {
                           s.IncrementAsync();
                           ++s.value;
                         },
                         [](Shared&) {}},
                    Case{"AfterUnref",
                         [](Shared& s) {
                           gst_buffer_ref(s.buffer);
                           gst_buffer_unref(s.buffer);
                           ++s.counted;
                         },
                         [](Shared& s) { s.DropBuffer(); }},
                    Case{"AfterItsBuffer",
                         [](Shared& s) {
                           gst_buffer_unref(gst_buffer_copy(s.buffer));
                           ++s.counted;
                         },
                         [](Shared& s) { s.DropBuffer(); }},
                    Case{"AfterInvoke",
                         [](Shared& s) {
                           s.IncrementInvoked();
                           ++s.value;
                         },
                         [](Shared& s) { g_main_context_iteration(s.context, FALSE); }},
                    Case{"AfterUnrefOfAValue",
                         [](Shared& s) {
                           gst_object_ref(s.pad);
                           gst_object_unref(s.pad);
                           ++s.counted;
                         },
                         [](Shared& s) { s.DropPad(); }}),
    NameOf);

}  // namespace
}  // namespace sfu::test

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  // The first call looks for the real function, which by itself orders those that follow.
  gst_buffer_unref(gst_buffer_new());
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
