#include <algorithm>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

extern "C" {
#include "runtime/opencv.h"
}

struct nn_cascade {
    cv::CascadeClassifier classifier;
    cv::Ptr<cv::CLAHE> level;
    cv::Mat grey;
};

template <class F>
static int guard(struct nn_err *err, F body) noexcept
{
    try {
        return body();
    } catch (const std::exception &e) {
        return nn_fail(err, NN_EVISION, "OpenCV: %s", e.what());
    } catch (...) {
        return nn_fail(err, NN_EVISION, "OpenCV: unknown exception");
    }
}

struct nn_cascade *nn_cascade_new(const char *path, struct nn_err *err)
{
    struct nn_cascade *c = nullptr;

    guard(err, [&] {
        cv::setNumThreads(1);
        c = new nn_cascade;
        if (!c->classifier.load(path)) {
            delete c;
            c = nullptr;
            return nn_fail(err, NN_EVISION, "%s is not a cascade that OpenCV can load", path);
        }
        c->level = cv::createCLAHE(2.0, cv::Size(8, 8));
        return 0;
    });
    return c;
}

void nn_cascade_free(struct nn_cascade *c)
{
    delete c;
}

int nn_cascade_look(struct nn_cascade *c, const uint8_t *grey, int w, int h, struct nn_err *err)
{
    return guard(err, [&] {
        c->level->apply(cv::Mat(h, w, CV_8UC1, const_cast<uint8_t *>(grey)), c->grey);
        return 0;
    });
}

int nn_cascade_find(struct nn_cascade *c, const struct nn_cascade_area *a, int neighbours,
                    struct nn_cascade_hit *hits, int max, struct nn_err *err)
{
    return guard(err, [&] {
        const cv::Rect part = cv::Rect(a->x, a->y, a->w, a->h) &
                              cv::Rect(0, 0, c->grey.cols, c->grey.rows);
        std::vector<cv::Rect> box;
        std::vector<int> stage;
        std::vector<double> weight;

        if (part.empty())
            return 0;
        c->classifier.detectMultiScale(c->grey(part), box, stage, weight, 1.1, neighbours, 0,
                                       cv::Size(a->least, a->least), cv::Size(a->most, a->most),
                                       true);
        int n = std::min(max, static_cast<int>(box.size()));
        for (int i = 0; i < n; i++)
            hits[i] = { part.x + box[i].x, part.y + box[i].y, box[i].width, box[i].height,
                        static_cast<float>(weight[i]) };
        return n;
    });
}
