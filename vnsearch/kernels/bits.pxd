# What every processor can do and C has no operator for; and the loop that a search spends most of
# its time in, written for vector registers. Where nothing is compiled, `postings` has it in Python.
cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__GNUC__) && defined(__x86_64__)
    #include <immintrin.h>
    #elif defined(__SSE2__)
    #include <emmintrin.h>
    #endif
    #if defined(__GNUC__)
    static inline int vn_bit_length(unsigned int x) { return x ? 32 - __builtin_clz(x) : 0; }
    static inline int vn_trailing_zeros(unsigned long long x) { return __builtin_ctzll(x); }
    #else
    static inline int vn_bit_length(unsigned int x) {
        int n = 0;
        while (x) { n++; x >>= 1; }
        return n;
    }
    static inline int vn_trailing_zeros(unsigned long long x) {
        int n = 0;
        while (!(x & 1)) { n++; x >>= 1; }
        return n;
    }
    #endif
    static inline int vn_popcount(unsigned long long x) {
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("popcnt")) {
            __asm__("popcnt %0, %0" : "+r"(x) : : "cc");
            return (int) x;
        }
    #endif
        /* H. S. Warren, "Hacker's Delight", 5-1 */
        x = x - ((x >> 1) & 0x5555555555555555ULL);
        x = (x & 0x3333333333333333ULL) + ((x >> 2) & 0x3333333333333333ULL);
        x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0FULL;
        return (int) ((x * 0x0101010101010101ULL) >> 56);
    }

    #if defined(__GNUC__) && defined(__x86_64__)
    /* whether bits are deposited quickly: the first Zen processors take a loop for it */
    static inline int vn_deposits(void) {
        return __builtin_cpu_supports("bmi2") && !__builtin_cpu_is("amdfam17h");
    }
    #endif

    /* 128 values of `bits` in four lanes. `add` is added to each; with `sum` each becomes the sum
       of itself and all before, counted from `start`. */
    #if defined(__SSE2__)
    static inline void vn_lanes(const unsigned int *words, int bits, unsigned int add, int sum,
                                unsigned int start, unsigned int *out) {
        const __m128i *in = (const __m128i *) words;
        const __m128i mask = _mm_set1_epi32(bits == 32 ? -1 : (int) ((1u << bits) - 1));
        const __m128i more = _mm_set1_epi32((int) add);
        __m128i before = _mm_set1_epi32((int) start);
        __m128i word = _mm_setzero_si128();
        int row, shift = 32;
        /* where `bits` is a constant, so is every shift */
    #if defined(__GNUC__)
    #pragma GCC unroll 32
    #endif
        for (row = 0; row < 32; row++) {
            __m128i value;
            if (bits == 0) {
                value = _mm_setzero_si128();
            } else {
                if (shift == 32) {
                    word = _mm_loadu_si128(in++);
                    shift = 0;
                }
                value = _mm_srli_epi32(word, shift);
                shift += bits;
                if (shift > 32) {
                    word = _mm_loadu_si128(in++);
                    shift -= 32;
                    value = _mm_or_si128(value, _mm_slli_epi32(word, bits - shift));
                }
                value = _mm_and_si128(value, mask);
            }
            value = _mm_add_epi32(value, more);
            if (sum) {
                value = _mm_add_epi32(value, _mm_slli_si128(value, 4));
                value = _mm_add_epi32(value, _mm_slli_si128(value, 8));
                _mm_storeu_si128((__m128i *) (out + 4 * row), _mm_add_epi32(value, before));
                before = _mm_add_epi32(before, _mm_shuffle_epi32(value, 0xFF));
            } else {
                _mm_storeu_si128((__m128i *) (out + 4 * row), value);
            }
        }
    }
    #else
    static inline void vn_lanes(const unsigned int *words, int bits, unsigned int add, int sum,
                                unsigned int start, unsigned int *out) {
        const unsigned int mask = bits == 32 ? 0xFFFFFFFFu : (1u << bits) - 1;
        unsigned int last = start;
        int row, lane, bit = 0;
        for (row = 0; row < 32; row++) {
            const unsigned int *word = words + 4 * (bit >> 5);
            const int shift = bit & 31;
            for (lane = 0; lane < 4; lane++) {
                unsigned int value = 0;
                if (bits) {
                    value = word[lane] >> shift;
                    if (shift + bits > 32) value |= word[4 + lane] << (32 - shift);
                    value &= mask;
                }
                value += add;
                if (sum) value = last += value;
                out[4 * row + lane] = value;
            }
            bit += bits;
        }
    }
    #endif

    /* each of 128 values becomes the sum of itself, all before and one for each, from `start` */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2")))
    static void vn_sum_gaps_avx2(unsigned int *out, unsigned int start) {
        const __m256i last = _mm256_set1_epi32(7), eight = _mm256_set1_epi32(8);
        __m256i before = _mm256_add_epi32(_mm256_set1_epi32((int) start),
                                          _mm256_set_epi32(8, 7, 6, 5, 4, 3, 2, 1));
        int i;
        for (i = 0; i < 128; i += 8) {
            __m256i value = _mm256_loadu_si256((const __m256i *) (out + i)), low;
            value = _mm256_add_epi32(value, _mm256_slli_si256(value, 4));
            value = _mm256_add_epi32(value, _mm256_slli_si256(value, 8));
            /* the sum of the lower four is added to the upper */
            low = _mm256_shuffle_epi32(_mm256_permute2x128_si256(value, value, 0x08), 0xFF);
            value = _mm256_add_epi32(value, low);
            _mm256_storeu_si256((__m256i *) (out + i), _mm256_add_epi32(value, before));
            value = _mm256_add_epi32(_mm256_permutevar8x32_epi32(value, last), eight);
            before = _mm256_add_epi32(before, value);
        }
    }
    #endif
    static inline void vn_sum_gaps(unsigned int *out, unsigned int start) {
        int i;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2")) {
            vn_sum_gaps_avx2(out, start);
            return;
        }
    #endif
    #if defined(__SSE2__)
        {
            const __m128i one = _mm_set1_epi32(1);
            __m128i before = _mm_set1_epi32((int) start);
            for (i = 0; i < 128; i += 4) {
                __m128i value = _mm_add_epi32(_mm_loadu_si128((const __m128i *) (out + i)), one);
                value = _mm_add_epi32(value, _mm_slli_si128(value, 4));
                value = _mm_add_epi32(value, _mm_slli_si128(value, 8));
                _mm_storeu_si128((__m128i *) (out + i), _mm_add_epi32(value, before));
                before = _mm_add_epi32(before, _mm_shuffle_epi32(value, 0xFF));
            }
        }
    #else
        for (i = 0; i < 128; i++) out[i] = start = start + out[i] + 1;
    #endif
    }

    /* the first i from which on values[i] >= target, of ascending values that reach the target;
       up to 15 values behind it are read */
    static inline int vn_first_from(const unsigned int *values, int i, unsigned int target) {
    #if defined(__SSE2__)
        const __m128i flip = _mm_set1_epi32((int) 0x80000000u);
        const __m128i want = _mm_set1_epi32((int) (target ^ 0x80000000u));
        for (;; i += 16) {
            const __m128i *at = (const __m128i *) (values + i);
            const __m128i a = _mm_cmplt_epi32(_mm_xor_si128(_mm_loadu_si128(at), flip), want);
            const __m128i b = _mm_cmplt_epi32(_mm_xor_si128(_mm_loadu_si128(at + 1), flip), want);
            const __m128i c = _mm_cmplt_epi32(_mm_xor_si128(_mm_loadu_si128(at + 2), flip), want);
            const __m128i d = _mm_cmplt_epi32(_mm_xor_si128(_mm_loadu_si128(at + 3), flip), want);
            const int below = _mm_movemask_epi8(
                _mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d)));
            if (below != 0xFFFF) return i + vn_trailing_zeros((unsigned long long) ~below);
        }
    #else
        while (values[i] < target) i++;
        return i;
    #endif
    }

    /* the places of postings with weight * tf * rate over `least` */
    #if defined(__GNUC__) && defined(__x86_64__)
    /* of each set of four places those that are in it, a byte each */
    static const unsigned int vn_places[16] = {
        0, 0x00, 0x01, 0x0100, 0x02, 0x0200, 0x0201, 0x020100,
        0x03, 0x0300, 0x0301, 0x030100, 0x0302, 0x030200, 0x030201, 0x03020100,
    };
    /* the places of those of four whose bits are set, and these four themselves, in a row */
    __attribute__((target("avx2"), always_inline))
    static inline __m128i vn_four_places(int four) {
        return _mm_cvtepu8_epi32(_mm_cvtsi32_si128((int) vn_places[four]));
    }
    __attribute__((target("avx2"), always_inline))
    static inline void vn_put_four(unsigned int *to, __m128i places, __m128i four) {
        _mm_storeu_si128((__m128i *) to, _mm_castps_si128(
            _mm_permutevar_ps(_mm_castsi128_ps(four), places)));
    }
    __attribute__((target("avx2"), always_inline))
    static inline void vn_put_four_wide(double *to, __m128i places, __m256d four) {
        const __m256i first = _mm256_slli_epi64(_mm256_cvtepu32_epi64(places), 1);
        const __m256i second = _mm256_slli_epi64(_mm256_add_epi64(first, _mm256_set1_epi64x(1)), 32);
        _mm256_storeu_pd(to, _mm256_castps_pd(_mm256_permutevar8x32_ps(
            _mm256_castpd_ps(four), _mm256_or_si256(first, second))));
    }
    /* weight * tf * rate of four postings */
    __attribute__((target("avx2"), always_inline))
    static inline __m256d vn_four_parts(const unsigned int *docs, const unsigned int *freqs,
                                        const double *rates, __m256d weight) {
        const __m256i magic = _mm256_set1_epi64x(0x4330000000000000); /* 2**52 */
        const __m256i wide = _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *) freqs));
        const __m256d tf = _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(wide, magic)),
                                         _mm256_castsi256_pd(magic));
        const __m256d rate = _mm256_set_pd(rates[docs[3]], rates[docs[2]],
                                           rates[docs[1]], rates[docs[0]]);
        return _mm256_mul_pd(weight, _mm256_mul_pd(tf, rate));
    }
    __attribute__((target("avx2,popcnt")))
    static int vn_pick_avx2(const unsigned int *docs, const unsigned int *freqs, int n,
                            const double *rates, double weight, double least,
                            unsigned char *out) {
        const __m256d factor = _mm256_set1_pd(weight), bound = _mm256_set1_pd(least);
        int i, count = 0;
        for (i = 0; i + 4 <= n; i += 4) {
            const __m256d x = vn_four_parts(docs + i, freqs + i, rates, factor);
            const int over = _mm256_movemask_pd(_mm256_cmp_pd(x, bound, _CMP_GT_OQ));
            const unsigned int four = vn_places[over] + 0x01010101u * (unsigned int) i;
            memcpy(out + count, &four, sizeof four);
            count += __builtin_popcount((unsigned int) over);
        }
        for (; i < n; i++) {
            out[count] = (unsigned char) i;
            count += weight * (freqs[i] * rates[docs[i]]) > least;
        }
        return count;
    }
    #endif
    static inline int vn_pick(const unsigned int *docs, const unsigned int *freqs, int n,
                              const double *rates, double weight, double least,
                              unsigned char *out) {
        int i, count = 0;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2"))
            return vn_pick_avx2(docs, freqs, n, rates, weight, least, out);
    #endif
        for (i = 0; i < n; i++) {
            out[count] = (unsigned char) i;
            count += weight * (freqs[i] * rates[docs[i]]) > least;
        }
        return count;
    }

    /* parts[i] becomes weight * tf * rate of each posting, scores[i] scale * part/(part + k1) rounded
       to what adding and taking away `grid` leaves */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2")))
    static void vn_score_avx2(const unsigned int *docs, const unsigned int *freqs, int n,
                              const double *rates, double weight, double *parts,
                              double scale, double k1, double grid, double *scores) {
        const __m256d factor = _mm256_set1_pd(weight), whole = _mm256_set1_pd(scale);
        const __m256d half = _mm256_set1_pd(k1), rough = _mm256_set1_pd(grid);
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            const __m256d x = vn_four_parts(docs + i, freqs + i, rates, factor);
            const __m256d score = _mm256_div_pd(_mm256_mul_pd(whole, x), _mm256_add_pd(x, half));
            _mm256_storeu_pd(parts + i, x);
            _mm256_storeu_pd(scores + i, _mm256_sub_pd(_mm256_add_pd(score, rough), rough));
        }
        for (; i < n; i++) {
            parts[i] = weight * (freqs[i] * rates[docs[i]]);
            scores[i] = (scale * parts[i] / (parts[i] + k1) + grid) - grid;
        }
    }
    #endif
    static inline void vn_score(const unsigned int *docs, const unsigned int *freqs, int n,
                                const double *rates, double weight, double *parts,
                                double scale, double k1, double grid, double *scores) {
        int i;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2")) {
            vn_score_avx2(docs, freqs, n, rates, weight, parts, scale, k1, grid, scores);
            return;
        }
    #endif
        for (i = 0; i < n; i++) parts[i] = weight * (freqs[i] * rates[docs[i]]);
        for (i = 0; i < n; i++) scores[i] = (scale * parts[i] / (parts[i] + k1) + grid) - grid;
    }

    /* add scale * part/(part + k1) to each of n scores, rounded as above, and make the parts zero */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2")))
    static void vn_add_parts_avx2(double *parts, int n, double scale, double k1, double grid,
                                  double *scores) {
        const __m256d whole = _mm256_set1_pd(scale), half = _mm256_set1_pd(k1);
        const __m256d rough = _mm256_set1_pd(grid);
        int i;
        for (i = 0; i < n; i += 4) {
            const __m256d x = _mm256_loadu_pd(parts + i);
            const __m256d score = _mm256_div_pd(_mm256_mul_pd(whole, x), _mm256_add_pd(x, half));
            _mm256_storeu_pd(scores + i, _mm256_add_pd(
                _mm256_loadu_pd(scores + i), _mm256_sub_pd(_mm256_add_pd(score, rough), rough)));
            _mm256_storeu_pd(parts + i, _mm256_setzero_pd());
        }
    }
    #endif
    static inline void vn_add_parts(double *parts, int n, double scale, double k1, double grid,
                                    double *scores) {
        int i;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2")) {
            vn_add_parts_avx2(parts, n, scale, k1, grid, scores);
            return;
        }
    #endif
        for (i = 0; i < n; i++) {
            scores[i] += (scale * parts[i] / (parts[i] + k1) + grid) - grid;
            parts[i] = 0.0;
        }
    }

    /* Whether `target` is among 128 ascending values, which reach it, and if so at which place: in
       two steps, by the last of each eight, then among eight. No branch depends on the values. */
    #if defined(__SSE2__)
    typedef struct { __m128i of[4]; } vn_lasts;
    static inline vn_lasts vn_lasts_of(const unsigned int *values) {
        vn_lasts lasts;
        int i;
        for (i = 0; i < 4; i++) {
            const __m128i *at = (const __m128i *) (values + 32 * i);
            const __m128i a = _mm_unpackhi_epi32(_mm_loadu_si128(at + 1), _mm_loadu_si128(at + 3));
            const __m128i b = _mm_unpackhi_epi32(_mm_loadu_si128(at + 5), _mm_loadu_si128(at + 7));
            /* compared as signed numbers: no document is over 2**31, only what fills up a block */
            lasts.of[i] = _mm_and_si128(_mm_unpackhi_epi64(a, b), _mm_set1_epi32(0x7FFFFFFF));
        }
        return lasts;
    }
    static inline int vn_find(const unsigned int *values, const vn_lasts *lasts,
                              unsigned int target, int *place) {
        const __m128i want = _mm_set1_epi32((int) target);
        const __m128i a = _mm_packs_epi32(_mm_cmplt_epi32(lasts->of[0], want),
                                          _mm_cmplt_epi32(lasts->of[1], want));
        const __m128i b = _mm_packs_epi32(_mm_cmplt_epi32(lasts->of[2], want),
                                          _mm_cmplt_epi32(lasts->of[3], want));
        const int eight = 8 * vn_trailing_zeros(~(unsigned long long)
            (unsigned int) _mm_movemask_epi8(_mm_packs_epi16(a, b)));
        const __m128i *at = (const __m128i *) (values + eight);
        const __m128i c = _mm_cmpeq_epi32(_mm_loadu_si128(at), want);
        const __m128i d = _mm_cmpeq_epi32(_mm_loadu_si128(at + 1), want);
        const int found = _mm_movemask_epi8(_mm_packs_epi32(c, d));
        *place = eight + (vn_trailing_zeros((unsigned long long) found | 0x4000) >> 1);
        return found != 0;
    }
    #else
    typedef int vn_lasts;
    static inline vn_lasts vn_lasts_of(const unsigned int *values) { (void) values; return 0; }
    static inline int vn_find(const unsigned int *values, const vn_lasts *lasts,
                              unsigned int target, int *place) {
        int at = 0, step;
        (void) lasts;
        for (step = 64; step; step >>= 1) at += values[at + step - 1] < target ? step : 0;
        *place = at;
        return values[at] == target;
    }
    #endif

    /* the same, eight at a time: `low` and `high` are the lasts */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2,popcnt,bmi"), always_inline))
    static inline int vn_find_avx2(const unsigned int *values, __m256i low, __m256i high,
                                   unsigned int target, int *place) {
        const __m256i want = _mm256_set1_epi32((int) target);
        /* two bits for each eight that end before it */
        const unsigned int before = _mm256_movemask_epi8(_mm256_packs_epi32(
            _mm256_cmpgt_epi32(want, low), _mm256_cmpgt_epi32(want, high)));
        const int eight = 4 * __builtin_popcount(before);
        const unsigned int found = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(
            _mm256_loadu_si256((const __m256i *) (values + eight)), want)));
        *place = eight + __builtin_ctz(found | 0x80);
        return found != 0;
    }
    #endif

    /* Those of picked[start:stop] whose document is among 128 others, up to the last of these;
       where[] says at which place there. Returns how many, and 256 times where in `picked` the first
       document after `last` is. */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2,popcnt,bmi")))
    static int vn_common_avx2(const unsigned int *docs, const unsigned char *picked, int start,
                              int stop, const unsigned int *others, unsigned int last,
                              unsigned char *out, unsigned char *where) {
        const vn_lasts lasts = vn_lasts_of(others);
        const __m256i low = _mm256_set_m128i(lasts.of[1], lasts.of[0]);
        const __m256i high = _mm256_set_m128i(lasts.of[3], lasts.of[2]);
        int i, count = 0;
        for (i = start; i < stop; i++) {
            const unsigned char at = picked[i];
            int place;
            if (docs[at] > last) break;
            out[count] = at;
            count += vn_find_avx2(others, low, high, docs[at], &place);
            where[at] = (unsigned char) place;
        }
        return i << 8 | count;
    }
    #endif
    static inline int vn_common(const unsigned int *docs, const unsigned char *picked, int start,
                                int stop, const unsigned int *others, unsigned int last,
                                unsigned char *out, unsigned char *where) {
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2"))
            return vn_common_avx2(docs, picked, start, stop, others, last, out, where);
    #endif
        {
            const vn_lasts lasts = vn_lasts_of(others);
            int i, count = 0;
            for (i = start; i < stop; i++) {
                const unsigned char at = picked[i];
                int place;
                if (docs[at] > last) break;
                out[count] = at;
                count += vn_find(others, &lasts, docs[at], &place);
                where[at] = (unsigned char) place;
            }
            return i << 8 | count;
        }
    }

    /* add weight * tf * rate to parts[start:stop] of those of the documents low + chosen[start:stop],
       up to `last`, that are among a block's; returns the place of the first after `last` */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2,popcnt,bmi")))
    static Py_ssize_t vn_weigh_avx2(const unsigned int *chosen, Py_ssize_t start, Py_ssize_t stop,
                                    unsigned int low, unsigned int last,
                                    const unsigned int *docs, const unsigned int *freqs,
                                    const double *rates, double weight, double *parts) {
        const vn_lasts lasts = vn_lasts_of(docs);
        const __m256i first = _mm256_set_m128i(lasts.of[1], lasts.of[0]);
        const __m256i second = _mm256_set_m128i(lasts.of[3], lasts.of[2]);
        for (; start < stop; start++) {
            const unsigned int doc = low + chosen[start];
            unsigned int found, own;
            int place;
            if (doc > last) break;
            found = 0u - vn_find_avx2(docs, first, second, doc, &place);
            own = (found & doc) | (~found & docs[0]);
            parts[start] += weight * ((freqs[place] & found) * rates[own]);
        }
        return start;
    }
    #endif
    static inline Py_ssize_t vn_weigh(const unsigned int *chosen, Py_ssize_t start,
                                      Py_ssize_t stop, unsigned int low, unsigned int last,
                                      const unsigned int *docs, const unsigned int *freqs,
                                      const double *rates, double weight, double *parts) {
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2"))
            return vn_weigh_avx2(chosen, start, stop, low, last, docs, freqs, rates, weight, parts);
    #endif
        {
            const vn_lasts lasts = vn_lasts_of(docs);
            for (; start < stop; start++) {
                const unsigned int doc = low + chosen[start];
                unsigned int found, own;
                int place;
                if (doc > last) break;
                found = 0u - vn_find(docs, &lasts, doc, &place);
                /* another's rate is far away in memory; one without the term may be infinite */
                own = (found & doc) | (~found & docs[0]);
                parts[start] += weight * ((freqs[place] & found) * rates[own]);
            }
            return start;
        }
    }

    /* before[i] becomes the sum of freqs[:i], less[i] that of the frequencies over 1 (with `one`)
       plus those over 3 (with `three`), for i <= n; returns 0 where a sum takes over 32 bits.
       The n frequencies are 2**bits at most; but a file may name exceptions twice, and all add up to
       less than 2**(bits + 8). */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2")))
    static void vn_sum_before_avx2(const unsigned int *freqs, int n, int one, int three,
                                   unsigned int *before, unsigned int *less) {
        const __m256i over_1 = _mm256_set1_epi32(one ? 1 : 0x7FFFFFFF);
        const __m256i over_3 = _mm256_set1_epi32(three ? 3 : 0x7FFFFFFF);
        const __m256i last = _mm256_set1_epi32(7), half = _mm256_set1_epi32(0xFFFF);
        __m256i sum = _mm256_setzero_si256();
        int i;
        for (i = 0; i < n; i += 8) {
            __m256i value = _mm256_loadu_si256((const __m256i *) (freqs + i)), low;
            const __m256i fewer = _mm256_add_epi32(
                _mm256_and_si256(value, _mm256_cmpgt_epi32(value, over_1)),
                _mm256_and_si256(value, _mm256_cmpgt_epi32(value, over_3)));
            /* both sums side by side, the second at most twice the first: each in sixteen bits */
            value = _mm256_add_epi32(value, _mm256_slli_epi32(fewer, 16));
            value = _mm256_add_epi32(value, _mm256_slli_si256(value, 4));
            value = _mm256_add_epi32(value, _mm256_slli_si256(value, 8));
            low = _mm256_shuffle_epi32(_mm256_permute2x128_si256(value, value, 0x08), 0xFF);
            value = _mm256_add_epi32(_mm256_add_epi32(value, low), sum);
            _mm256_storeu_si256((__m256i *) (before + i + 1), _mm256_and_si256(value, half));
            _mm256_storeu_si256((__m256i *) (less + i + 1), _mm256_srli_epi32(value, 16));
            sum = _mm256_permutevar8x32_epi32(value, last);
        }
    }
    #endif
    static inline int vn_sum_before(const unsigned int *freqs, int n, int bits, int one,
                                    int three, unsigned int *before, unsigned int *less) {
        int i;
        before[0] = less[0] = 0;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (bits <= 6 && __builtin_cpu_supports("avx2")) {
            vn_sum_before_avx2(freqs, n, one, three, before, less);
            return 1;
        }
    #endif
    #if defined(__SSE2__)
        if (bits < 24) {
            const __m128i over_1 = _mm_set1_epi32(one ? 1 : 0x7FFFFFFF);
            const __m128i over_3 = _mm_set1_epi32(three ? 3 : 0x7FFFFFFF);
            __m128i last = _mm_setzero_si128(), last_less = last;
            for (i = 0; i < n; i += 4) {
                __m128i value = _mm_loadu_si128((const __m128i *) (freqs + i));
                __m128i fewer = _mm_add_epi32(_mm_and_si128(value, _mm_cmpgt_epi32(value, over_1)),
                                              _mm_and_si128(value, _mm_cmpgt_epi32(value, over_3)));
                value = _mm_add_epi32(value, _mm_slli_si128(value, 4));
                fewer = _mm_add_epi32(fewer, _mm_slli_si128(fewer, 4));
                value = _mm_add_epi32(value, _mm_slli_si128(value, 8));
                fewer = _mm_add_epi32(fewer, _mm_slli_si128(fewer, 8));
                value = _mm_add_epi32(value, last);
                fewer = _mm_add_epi32(fewer, last_less);
                last = _mm_shuffle_epi32(value, 0xFF);
                last_less = _mm_shuffle_epi32(fewer, 0xFF);
                _mm_storeu_si128((__m128i *) (before + i + 1), value);
                _mm_storeu_si128((__m128i *) (less + i + 1), fewer);
            }
            return 1;
        }
    #else
        (void) bits;
    #endif
        {
            unsigned long long sum = 0, fewer = 0;
            for (i = 0; i < n; i++) {
                const unsigned int tf = freqs[i];
                sum += tf;
                if (one && tf > 1) fewer += tf;
                if (three && tf > 3) fewer += tf;
                before[i + 1] = (unsigned int) sum;
                less[i + 1] = (unsigned int) fewer;
            }
            return sum <= 0x7FFFFFFFu;  /* and `less` is at most twice that */
        }
    }

    /* the sum of n values without their low bits: `width` of them, or drops[i] (at most 2) fewer */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2")))
    static long long vn_sum_high_avx2(const unsigned int *values, const unsigned char *drops,
                                      Py_ssize_t n, int width) {
        const __m256i widest = _mm256_set1_epi32(width), none = _mm256_setzero_si256();
        __m256i sums = none;
        Py_ssize_t i;
        for (i = 0; i < n; i += 8) {
            const __m256i less = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *) (drops + i)));
            const __m256i low = _mm256_max_epi32(_mm256_sub_epi32(widest, less), none);
            const __m256i value = _mm256_loadu_si256((const __m256i *) (values + i));
            const __m256i high = _mm256_srlv_epi32(value, low);
            sums = _mm256_add_epi64(sums, _mm256_unpacklo_epi32(high, none));
            sums = _mm256_add_epi64(sums, _mm256_unpackhi_epi32(high, none));
        }
        {
            long long four[4];
            _mm256_storeu_si256((__m256i *) four, sums);
            return four[0] + four[1] + four[2] + four[3];
        }
    }
    #endif
    static inline long long vn_sum_high(const unsigned int *values, const unsigned char *drops,
                                        Py_ssize_t n, int width) {
        long long sum = 0;
        Py_ssize_t i = 0;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (n >= 8 && __builtin_cpu_supports("avx2")) {
            i = n & ~(Py_ssize_t) 7;
            sum = vn_sum_high_avx2(values, drops, i, width);
        }
    #endif
        for (; i < n; i++) sum += values[i] >> (width > drops[i] ? width - drops[i] : 0);
        return sum;
    }

    /* how many of `right` are `gap` more than one of `left`, all different; no branch depends on the
       values, and three behind `right` are read */
    static inline int vn_count_apart(const unsigned int *left, int n, const unsigned int *right,
                                     int m, unsigned int gap) {
        int i, j, found = 0;
    #if defined(__SSE2__)
        for (j = 0; j < m; j += 4) {
            const __m128i four = _mm_loadu_si128((const __m128i *) (right + j));
            const __m128i own = _mm_cmplt_epi32(_mm_set_epi32(3, 2, 1, 0), _mm_set1_epi32(m - j));
            __m128i alike = _mm_setzero_si128();
            for (i = 0; i < n; i++)
                alike = _mm_or_si128(
                    alike, _mm_cmpeq_epi32(four, _mm_set1_epi32((int) (left[i] + gap))));
            found += vn_popcount(_mm_movemask_ps(_mm_castsi128_ps(_mm_and_si128(alike, own))));
        }
    #else
        for (i = 0; i < n; i++) {
            const unsigned int want = left[i] + gap;
            for (j = 0; j < m; j++) found += right[j] == want;
        }
    #endif
        return found;
    }

    /* The same with a gap of one; `nearly` gets how many of `right` are two more than one of `left`,
       and with `before` how many are one less, both added up. */
    static inline int vn_count_near(const unsigned int *left, int n, const unsigned int *right,
                                    int m, int before, int *nearly) {
        int i, j, found = 0, near = 0;
    #if defined(__SSE2__)
        const __m128i one = _mm_set1_epi32(1), two = _mm_set1_epi32(2);
        const __m128i asked = _mm_set1_epi32(-(before != 0));
        for (j = 0; j < m; j += 4) {
            const __m128i four = _mm_loadu_si128((const __m128i *) (right + j));
            const __m128i own = _mm_cmplt_epi32(_mm_set_epi32(3, 2, 1, 0), _mm_set1_epi32(m - j));
            __m128i next = _mm_setzero_si128(), behind = next, ahead = next;
            for (i = 0; i < n; i++) {
                const __m128i apart = _mm_sub_epi32(four, _mm_set1_epi32((int) left[i]));
                next = _mm_or_si128(next, _mm_cmpeq_epi32(apart, one));
                behind = _mm_or_si128(behind, _mm_cmpeq_epi32(apart, two));
                ahead = _mm_or_si128(ahead, _mm_cmpeq_epi32(apart, _mm_set1_epi32(-1)));
            }
            ahead = _mm_and_si128(ahead, asked);
            found += vn_popcount(_mm_movemask_ps(_mm_castsi128_ps(_mm_and_si128(next, own))));
            near += vn_popcount(_mm_movemask_ps(_mm_castsi128_ps(_mm_and_si128(behind, own))));
            near += vn_popcount(_mm_movemask_ps(_mm_castsi128_ps(_mm_and_si128(ahead, own))));
        }
    #else
        for (i = 0; i < n; i++) {
            for (j = 0; j < m; j++) {
                const unsigned int apart = right[j] - left[i];
                found += apart == 1;
                near += (apart == 2) | (before & (apart == 0xFFFFFFFFu));
            }
        }
    #endif
        *nearly = near;
        return found;
    }

    /* add what postings i..n-1 weigh to the scores of their documents, and note `bit` of each */
    static inline void vn_add_scores(const unsigned int *docs, int i, int n, unsigned int low,
                                     const double *parts, unsigned int bit, double *scores,
                                     unsigned int *marks) {
        if (bit) {
            for (; i < n; i++) {
                const unsigned int at = docs[i] - low;
                scores[at] += parts[i];
                marks[at] |= bit;
            }
        } else {
            for (; i < n; i++) scores[docs[i] - low] += parts[i];
        }
    }

    /* the places of those of n values that are over `limit`; up to 15 values behind are read, and
       seven behind the last place written */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2,popcnt")))
    static int vn_places_over_avx2(const double *values, int n, double limit, unsigned int *out) {
        const __m256d bound = _mm256_set1_pd(limit);
        const int deposits = vn_deposits();
        int i, j, count = 0;
        for (i = 0; i < n; i += 16) {
            const __m256d a = _mm256_cmp_pd(_mm256_loadu_pd(values + i), bound, _CMP_GT_OQ);
            const __m256d b = _mm256_cmp_pd(_mm256_loadu_pd(values + i + 4), bound, _CMP_GT_OQ);
            const __m256d c = _mm256_cmp_pd(_mm256_loadu_pd(values + i + 8), bound, _CMP_GT_OQ);
            const __m256d d = _mm256_cmp_pd(_mm256_loadu_pd(values + i + 12), bound, _CMP_GT_OQ);
            unsigned int over = _mm256_movemask_pd(
                _mm256_or_pd(_mm256_or_pd(a, b), _mm256_or_pd(c, d)));
            if (!over) continue;
            over = _mm256_movemask_pd(a) | _mm256_movemask_pd(b) << 4
                | _mm256_movemask_pd(c) << 8 | _mm256_movemask_pd(d) << 12;
            if (n - i < 16) over &= (1u << (n - i)) - 1;
            if (deposits) {
                for (j = 0; j < 16; j += 8, over >>= 8) {
                    /* a byte of ones for each bit, with which the places are picked */
                    unsigned long long picked = over & 255, places = 0x0706050403020100ULL;
                    __asm__("pdep %1, %0, %0" : "+r"(picked) : "r"(0x0101010101010101ULL));
                    picked *= 255;
                    __asm__("pext %1, %0, %0" : "+r"(places) : "r"(picked));
                    _mm256_storeu_si256((__m256i *) (out + count), _mm256_add_epi32(
                        _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long) places)),
                        _mm256_set1_epi32(i + j)));
                    count += __builtin_popcount(over & 255);
                }
                continue;
            }
            for (j = 0; j < 16; j += 4, over >>= 4) {
                const int four = over & 15;
                _mm_storeu_si128((__m128i *) (out + count),
                                 _mm_add_epi32(vn_four_places(four), _mm_set1_epi32(i + j)));
                count += __builtin_popcount((unsigned int) four);
            }
        }
        return count;
    }
    #endif
    static inline int vn_places_over(const double *values, int n, double limit,
                                     unsigned int *out) {
        int i, count = 0;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2")) return vn_places_over_avx2(values, n, limit, out);
    #endif
        for (i = 0; i < n; i++) if (values[i] > limit) out[count++] = i;
        return count;
    }

    /* the k-th highest of n values, which are put in another order (Hoare's selection, the values
       parted without a branch on what they are) */
    static inline double vn_highest(double *values, Py_ssize_t n, Py_ssize_t k) {
        for (;;) {
            const double a = values[0], b = values[n >> 1], c = values[n - 1];
            const double low = a < b ? a : b, high = a < b ? b : a;
            const double pivot = c < low ? low : c < high ? c : high;
            Py_ssize_t i, over = 0, alike;
            for (i = 0; i < n; i++) {
                const double value = values[i];
                values[i] = values[over];
                values[over] = value;
                over += value > pivot;
            }
            if (k <= over) {
                n = over;
                continue;
            }
            for (alike = i = over; i < n; i++) {
                const double value = values[i];
                values[i] = values[alike];
                values[alike] = value;
                alike += value == pivot;
            }
            if (k <= alike) return pivot;
            values += alike;
            n -= alike;
            k -= alike;
        }
    }

    /* how many of n values are over `limit` */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2")))
    static Py_ssize_t vn_count_over_avx2(const double *values, Py_ssize_t n, double limit) {
        const __m256d bound = _mm256_set1_pd(limit);
        __m256i counts = _mm256_setzero_si256(), others = counts;
        long long four[4];
        Py_ssize_t i, over = 0;
        for (i = 0; i + 8 <= n; i += 8) {
            const __m256d a = _mm256_cmp_pd(_mm256_loadu_pd(values + i), bound, _CMP_GT_OQ);
            const __m256d b = _mm256_cmp_pd(_mm256_loadu_pd(values + i + 4), bound, _CMP_GT_OQ);
            counts = _mm256_sub_epi64(counts, _mm256_castpd_si256(a));
            others = _mm256_sub_epi64(others, _mm256_castpd_si256(b));
        }
        _mm256_storeu_si256((__m256i *) four, _mm256_add_epi64(counts, others));
        for (; i < n; i++) over += values[i] > limit;
        return over + four[0] + four[1] + four[2] + four[3];
    }
    #endif
    static inline Py_ssize_t vn_count_over(const double *values, Py_ssize_t n, double limit) {
        Py_ssize_t i, over = 0;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2")) return vn_count_over_avx2(values, n, limit);
    #endif
        for (i = 0; i < n; i++) over += values[i] > limit;
        return over;
    }

    /* Keep those of n items whose scores are over `limit`, in their order; returns how many. */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2,popcnt")))
    static Py_ssize_t vn_keep_over_avx2(double *scores, unsigned int *docs, unsigned int *present,
                                        Py_ssize_t n, double limit) {
        const __m256d bound = _mm256_set1_pd(limit);
        Py_ssize_t i, kept = 0;
        for (i = 0; i + 4 <= n; i += 4) {
            const __m256d four = _mm256_loadu_pd(scores + i);
            const __m128i these = _mm_loadu_si128((const __m128i *) (docs + i));
            const __m128i those = _mm_loadu_si128((const __m128i *) (present + i));
            const int over = _mm256_movemask_pd(_mm256_cmp_pd(four, bound, _CMP_GT_OQ));
            const __m128i places = vn_four_places(over);
            vn_put_four_wide(scores + kept, places, four);
            vn_put_four(docs + kept, places, these);
            vn_put_four(present + kept, places, those);
            kept += __builtin_popcount((unsigned int) over);
        }
        for (; i < n; i++) {
            const double score = scores[i];
            scores[kept] = score;
            docs[kept] = docs[i];
            present[kept] = present[i];
            kept += score > limit;
        }
        return kept;
    }
    #endif
    static inline Py_ssize_t vn_keep_over(double *scores, unsigned int *docs, unsigned int *present,
                                          Py_ssize_t n, double limit) {
        Py_ssize_t i, kept = 0;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2"))
            return vn_keep_over_avx2(scores, docs, present, n, limit);
    #endif
        for (i = 0; i < n; i++) {
            const double score = scores[i];
            scores[kept] = score;
            docs[kept] = docs[i];
            present[kept] = present[i];
            kept += score > limit;
        }
        return kept;
    }

    /* Add scale * part/(part + k1) to each of n scores, rounded to what adding and taking away `grid`
       leaves; note `bit` where there is a part, and make it zero. Those that reach over `limit` with
       `rest` added, times `slack`, are kept with what they are chosen for, in their order: with
       `required` only where there is a part. Returns how many. */
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("avx2,popcnt")))
    static Py_ssize_t vn_raise_avx2(unsigned int *chosen, double *scores, unsigned int *marks,
                                    double *parts, Py_ssize_t n, double scale, double k1,
                                    double grid, unsigned int bit, int required, double rest,
                                    double slack, double limit) {
        const __m256d whole = _mm256_set1_pd(scale), half = _mm256_set1_pd(k1);
        const __m256d rough = _mm256_set1_pd(grid), more = _mm256_set1_pd(rest);
        const __m256d loose = _mm256_set1_pd(slack), bound = _mm256_set1_pd(limit);
        const __m256d none = _mm256_setzero_pd();
        const __m128i note = _mm_set1_epi32((int) bit);
        Py_ssize_t i, left = 0;
        for (i = 0; i < n; i += 4) {
            const __m256d x = _mm256_loadu_pd(parts + i), there = _mm256_cmp_pd(x, none, _CMP_GT_OQ);
            const __m256d part = _mm256_div_pd(_mm256_mul_pd(whole, x), _mm256_add_pd(x, half));
            const __m256d score = _mm256_add_pd(
                _mm256_loadu_pd(scores + i), _mm256_sub_pd(_mm256_add_pd(part, rough), rough));
            const __m128i those = _mm256_cvtpd_epi32(_mm256_and_pd(there, _mm256_set1_pd(-1.0)));
            const __m128i mark = _mm_or_si128(_mm_loadu_si128((const __m128i *) (marks + i)),
                                              _mm_and_si128(those, note));
            const __m128i own = _mm_loadu_si128((const __m128i *) (chosen + i));
            __m128i places;
            int good = _mm256_movemask_pd(_mm256_cmp_pd(
                _mm256_mul_pd(_mm256_add_pd(score, more), loose), bound, _CMP_GT_OQ));
            if (required) good &= _mm256_movemask_pd(there);
            if (n - i < 4) good &= (1 << (n - i)) - 1;
            _mm256_storeu_pd(parts + i, none);
            places = vn_four_places(good);
            vn_put_four(chosen + left, places, own);
            vn_put_four(marks + left, places, mark);
            vn_put_four_wide(scores + left, places, score);
            left += __builtin_popcount((unsigned int) good);
        }
        return left;
    }
    #endif
    static inline Py_ssize_t vn_raise(unsigned int *chosen, double *scores, unsigned int *marks,
                                      double *parts, Py_ssize_t n, double scale, double k1,
                                      double grid, unsigned int bit, int required, double rest,
                                      double slack, double limit) {
        Py_ssize_t i, left = 0;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (__builtin_cpu_supports("avx2"))
            return vn_raise_avx2(chosen, scores, marks, parts, n, scale, k1, grid, bit, required,
                                 rest, slack, limit);
    #endif
        for (i = 0; i < n; i++) {
            const double x = parts[i];
            const double score = scores[i] + ((scale * x / (x + k1) + grid) - grid);
            parts[i] = 0.0;
            chosen[left] = chosen[i];
            marks[left] = marks[i] | (x > 0.0 ? bit : 0);
            scores[left] = score;
            left += (!required | (x > 0.0)) & ((score + rest) * slack > limit);
        }
        return left;
    }

    /* A limit over `low` that at least k of n values are over, and as a rule few more; `low` where
       none was found, since too many are alike. They are counted again and again, which takes less
       than to select the k-th highest. */
    static inline double vn_rough_limit(const double *values, Py_ssize_t n, Py_ssize_t k,
                                        double low) {
        double high = values[0];
        Py_ssize_t i = 0;
        int turn;
    #if defined(__SSE2__)
        __m128d highs = _mm_set1_pd(high);
        for (; i + 2 <= n; i += 2) highs = _mm_max_pd(highs, _mm_loadu_pd(values + i));
        high = _mm_cvtsd_f64(_mm_max_sd(highs, _mm_unpackhi_pd(highs, highs)));
    #endif
        for (; i < n; i++) high = values[i] > high ? values[i] : high;
        for (turn = 0; turn < 12; turn++) {
            const double middle = low + (high - low) / 2;
            const Py_ssize_t over = vn_count_over(values, n, middle);
            if (over < k) {
                high = middle;
            } else {
                low = middle;
                if (over <= k + k / 16) break;
            }
        }
        return low;
    }

    /* Write the places of n items in order: the lowest of `docs` first or, where that is NULL, the
       highest of `scores` (none below zero), equal ones as they stand. Returns -1 where there is no
       memory left. Some hundreds are dealt out by their keys' highest bits, then moved the few places
       that are left; where many share these bits, or there are more, they are put in order by one
       byte after the other, the last first, but for the bytes that all have in common: no branch
       depends on what is compared. */
    struct vn_item { unsigned long long key; unsigned int place; };
    /* put an item among those before it */
    static inline void vn_insert(struct vn_item *items, Py_ssize_t at) {
        const struct vn_item one = items[at];
        for (; at && items[at - 1].key > one.key; at--) items[at] = items[at - 1];
        items[at] = one;
    }
    static inline int vn_put_in_order(const double *scores, const unsigned int *docs,
                                      Py_ssize_t n, unsigned int *order) {
        enum { BITS = 9, HUNDREDS = 1024, CROWD = 24 };
        struct vn_item *items, *from, *to, *swap;
        unsigned long long low = ~0ULL, high = 0;
        Py_ssize_t i, j;
        int shift = 0, done = n <= 32;
        if (n <= 0) return 0;
        items = (struct vn_item *) PyMem_Malloc(2 * n * sizeof(struct vn_item));
        if (!items) {
            PyErr_NoMemory();
            return -1;
        }
        from = items;
        to = items + n;
        for (i = 0; i < n; i++) {
            unsigned long long key;
            if (docs) {
                key = docs[i];
            } else {
                memcpy(&key, scores + i, 8);
                key = ~key;
            }
            from[i].place = (unsigned int) i;
            from[i].key = key;
            low = key < low ? key : low;
            high = key > high ? key : high;
            if (done) vn_insert(from, i);
        }
        if (!done && n <= HUNDREDS) {
            unsigned short starts[1 << BITS] = {0};
            unsigned int start = 0, most = 0;
            while ((high - low) >> shift >> BITS) shift++;
            for (i = 0; i < n; i++) starts[(from[i].key - low) >> shift]++;
            for (j = 0; j < 1 << BITS; j++) {
                const unsigned int count = starts[j];
                starts[j] = (unsigned short) start;
                start += count;
                most = count > most ? count : most;
            }
            done = most <= CROWD;
            if (done) {
                for (i = 0; i < n; i++) to[starts[(from[i].key - low) >> shift]++] = from[i];
                for (i = 1; i < n; i++) vn_insert(to, i);
                from = to;
            }
        }
        for (shift = 0; !done && shift < 64; shift += 8) {
            Py_ssize_t starts[256] = {0}, start = 0;
            for (i = 0; i < n; i++) starts[from[i].key >> shift & 255]++;
            if (starts[low >> shift & 255] == n) continue;
            for (j = 0; j < 256; j++) {
                const Py_ssize_t count = starts[j];
                starts[j] = start;
                start += count;
            }
            for (i = 0; i < n; i++) to[starts[from[i].key >> shift & 255]++] = from[i];
            swap = from;
            from = to;
            to = swap;
        }
        for (i = 0; i < n; i++) order[i] = from[i].place;
        PyMem_Free(items);
        return 0;
    }

    /* bits without the lowest `count` (less than 64) of its ones */
    static inline unsigned long long vn_drop_ones(unsigned long long bits, int count) {
    #if defined(__GNUC__) && defined(__x86_64__)
        if (vn_deposits()) {
            unsigned long long rest = ~0ULL << count;
            __asm__("pdep %1, %0, %0" : "+r"(rest) : "r"(bits));
            return rest;
        }
    #endif
        for (; count > 0; count--) bits &= bits - 1;
        return bits;
    }

    /* Pass over `skip` quotients in unary from bit `high` on, then read `count` Rice codes whose
       low parts of `width` bits begin at bit `low`: gaps (minus one) that add up to positions.
       Returns where the quotients of these codes begin, -1 where word `stop` is reached. */
    static inline Py_ssize_t vn_read_places(const unsigned int *words, Py_ssize_t stop,
                                            Py_ssize_t high, Py_ssize_t skip, Py_ssize_t low,
                                            int width, Py_ssize_t count, unsigned int *out) {
        const unsigned long long mask = (1ULL << width) - 1;
        Py_ssize_t start, word = high >> 5, i;
        unsigned long long bits, place = ~0ULL;
        if (word >= stop) return -1;
        bits = words[word] | (unsigned long long) words[word + 1] << 32;
        bits = bits >> (high & 31) << (high & 31);
        if (skip) {
            for (;;) {
                const int ones = vn_popcount(bits);
                if (ones >= skip) break;
                skip -= ones;
                word += 2;
                if (word >= stop) return -1;
                bits = words[word] | (unsigned long long) words[word + 1] << 32;
            }
            bits = vn_drop_ones(bits, (int) skip - 1);
            high = 32 * word + vn_trailing_zeros(bits) + 1;
            bits &= bits - 1;
        }
        start = high;
        for (i = 0; i < count; i++) {
            Py_ssize_t end;
            while (bits == 0) {
                word += 2;
                if (word >= stop) return -1;
                bits = words[word] | (unsigned long long) words[word + 1] << 32;
            }
            end = 32 * word + vn_trailing_zeros(bits);
            bits &= bits - 1;
            /* the first value is the position itself: it follows -1 */
            place += ((unsigned long long) (end - start) << width) + 1;
            if (width) {
                const unsigned int *at = words + (low >> 5);
                place += (at[0] | (unsigned long long) at[1] << 32) >> (low & 31) & mask;
                low += width;
            }
            out[i] = (unsigned int) place;
            start = end + 1;
        }
        return high;
    }

    /* how many low bits the positions of a posting have, `widest` being those of tf 1 */
    static inline int vn_low_width(int widest, unsigned int tf) {
        widest -= (tf > 1) + (tf > 3);
        return widest > 0 ? widest : 0;
    }

    /* How many of the n positions of a posting may have one of another's m `gap` behind them, at
       most, by the low bits alone: what a gap's quotient adds is a multiple of 2**width. */
    static inline unsigned int vn_may_follow(unsigned int gap,
                                             const unsigned int *left, Py_ssize_t left_at,
                                             int left_width, unsigned int n,
                                             const unsigned int *right, Py_ssize_t right_at,
                                             int right_width, unsigned int m) {
        const unsigned int least = n < m ? n : m;
        const int narrower = left_width < right_width ? left_width : right_width;
        const int width = narrower < 6 ? narrower : 6;
        const unsigned int mask = (1u << width) - 1;
        unsigned long long ends = 0;
        unsigned int i, place = 0, found = 0;
        if (n > 64 || m > 64 || n * m >> width) return least;
        for (i = 0; i < m; i++, place++, right_at += right_width) {
            const unsigned int *at = right + (right_at >> 5);
            place += (at[0] | (unsigned long long) at[1] << 32) >> (right_at & 31) & mask;
            ends |= 1ULL << (place & mask);
        }
        for (i = 0, place = gap; i < n; i++, place++, left_at += left_width) {
            const unsigned int *at = left + (left_at >> 5);
            place += (at[0] | (unsigned long long) at[1] << 32) >> (left_at & 31) & mask;
            found += ends >> (place & mask) & 1;
        }
        return found < least ? found : least;
    }

    /* The same, eight positions at a time and by all bits that both have, where bits can be deposited
       and eight words compared with eight. */
    #if defined(__GNUC__) && defined(__x86_64__)
    /* Up to eight of `count` positions, from their low parts of `width` bits (13 at most), which
       begin at a bit: each in 16 bits, right modulo 2**kept, and counted from `start`, which is in
       each 16 bits. A bit above tells them from what is not there. */
    __attribute__((target("sse4.2,bmi2")))
    static inline __m128i vn_eight_places(const unsigned int *words, Py_ssize_t at, int width,
                                          unsigned int count, unsigned long long own,
                                          unsigned long long kept, unsigned long long start) {
        static const unsigned short there[16] = {
            0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF,
        };
        /* no branch depends on how many there are */
        const Py_ssize_t next = at + (-(Py_ssize_t) (count > 4) & 4 * width);
        const unsigned short *mask = there + 8 - count;
        unsigned long long low, high, sums = 0x0001000100010001ULL;
        memcpy(&low, (const char *) words + (at >> 3), sizeof low);
        memcpy(&high, (const char *) words + (next >> 3), sizeof high);
        /* one multiplication takes less than the additions it stands for: each becomes the sum of
           itself and all below */
        __asm__("" : "+r"(sums));
        low = _pdep_u64(low >> (at & 7), own) * sums + 0x0003000200010000ULL;
        high = _pdep_u64(high >> (next & 7), own) * sums + 0x0004000300020001ULL;
        low = (low + start) & kept;
        high = (high + (low >> 48) * sums) & kept;
        return _mm_and_si128(_mm_or_si128(_mm_set_epi64x((long long) high, (long long) low),
                                          _mm_set1_epi16((short) 0x8000)),
                             _mm_loadu_si128((const __m128i *) mask));
    }
    __attribute__((target("sse4.2,popcnt,bmi2")))
    static inline unsigned int vn_may_follow_fast(unsigned int gap,
                                                  const unsigned int *left, Py_ssize_t left_at,
                                                  int left_width, unsigned int n,
                                                  const unsigned int *right, Py_ssize_t right_at,
                                                  int right_width, unsigned int m) {
        /* words up to the first that is zero */
        enum { ANY = _SIDD_UWORD_OPS | _SIDD_CMP_EQUAL_ANY | _SIDD_BIT_MASK };
        const unsigned int least = n < m ? n : m;
        const unsigned long long each = 0x0001000100010001ULL;
        const unsigned long long left_own = ((1ULL << left_width) - 1) * each;
        const unsigned long long right_own = ((1ULL << right_width) - 1) * each;
        const unsigned long long kept = left_own & right_own;
        unsigned long long start = (gap & 0x1FFF) * each;
        unsigned int found = 0, i, j;
        __m128i places, alike, others[8];
        if (n <= 8 && m <= 8) {
            places = vn_eight_places(left, left_at, left_width, n, left_own, kept, start);
            others[0] = vn_eight_places(right, right_at, right_width, m, right_own, kept, 0);
            alike = _mm_cmpistrm(others[0], places, ANY);
            found = __builtin_popcount((unsigned int) _mm_cvtsi128_si32(alike));
            return found < least ? found : least;
        }
        if (n > 64 || m > 64 || n * m >> (left_width < right_width ? left_width : right_width))
            return least;
        for (i = 0; i < m; i += 8)
            others[i / 8] = vn_eight_places(
                right, right_at + i * right_width, right_width, m - i < 8 ? m - i : 8, right_own,
                kept, i ? ((_mm_extract_epi16(others[i / 8 - 1], 7) & 0x7FFF) + 1) * each : 0);
        for (i = 0; i < n; i += 8) {
            places = vn_eight_places(left, left_at + i * left_width, left_width,
                                     n - i < 8 ? n - i : 8, left_own, kept, start);
            start = ((_mm_extract_epi16(places, 7) & 0x7FFF) + 1) * each;
            alike = _mm_setzero_si128();
            for (j = 0; j < m; j += 8)
                alike = _mm_or_si128(alike, _mm_cmpistrm(others[j / 8], places, ANY));
            found += __builtin_popcount((unsigned int) _mm_cvtsi128_si32(alike));
        }
        return found < least ? found : least;
    }
    #endif

    /* Where the low parts of a list's open block lie (see Cursor): `where` says at which of its
       postings the document of one of another list's is. */
    typedef struct {
        const unsigned char *where;
        const unsigned int *words;
        Py_ssize_t at;
        int widest;
        const unsigned int *before, *less, *freqs;
    } vn_side;
    static inline Py_ssize_t vn_low_parts(const vn_side *side, unsigned int place) {
        return side->at + (Py_ssize_t) vn_low_width(side->widest, 1) * side->before[place]
            - side->less[place];
    }
    static inline int vn_sift_by(int fast, unsigned char *picked, int count, unsigned int *most,
                                 unsigned int gap, vn_side left, vn_side right) {
        int i, kept = 0;
        for (i = 0; i < count; i++) {
            const unsigned char at = picked[i], a = left.where[at], b = right.where[at];
            const unsigned int n = left.freqs[a], m = right.freqs[b];
            const Py_ssize_t first = vn_low_parts(&left, a), second = vn_low_parts(&right, b);
            const int own = vn_low_width(left.widest, n), other = vn_low_width(right.widest, m);
            unsigned int found;
    #if defined(__GNUC__) && defined(__x86_64__)
            if (fast)
                found = vn_may_follow_fast(gap, left.words, first, own, n,
                                           right.words, second, other, m);
            else
    #endif
                found = vn_may_follow(gap, left.words, first, own, n,
                                      right.words, second, other, m);
            picked[kept] = at;
            most[kept] = found;
            kept += found != 0;
        }
        return kept;
    }
    #if defined(__GNUC__) && defined(__x86_64__)
    __attribute__((target("sse4.2,popcnt,bmi2"), flatten))
    static int vn_sift_fast(unsigned char *picked, int count, unsigned int *most,
                            unsigned int gap, vn_side left, vn_side right) {
        return vn_sift_by(1, picked, count, most, gap, left, right);
    }
    #endif
    /* Of the postings picked[0:count], keep those in whose documents a position of the one list may
       have one of the other `gap` behind it. `most` gets how many may; returns how many are kept. */
    static inline int vn_sift(unsigned char *picked, int count, unsigned int *most,
                              unsigned int gap,
                              const unsigned char *left_where, const unsigned int *left,
                              Py_ssize_t left_at, int left_widest, const unsigned int *left_before,
                              const unsigned int *left_less, const unsigned int *left_freqs,
                              const unsigned char *right_where, const unsigned int *right,
                              Py_ssize_t right_at, int right_widest,
                              const unsigned int *right_before, const unsigned int *right_less,
                              const unsigned int *right_freqs) {
        const vn_side one = {left_where, left, left_at, left_widest, left_before, left_less, left_freqs};
        const vn_side two = {right_where, right, right_at, right_widest, right_before, right_less, right_freqs};
    #if defined(__GNUC__) && defined(__x86_64__)
        if (vn_deposits() && __builtin_cpu_supports("sse4.2") && left_widest <= 13
            && right_widest <= 13)
            return vn_sift_fast(picked, count, most, gap, one, two);
    #endif
        return vn_sift_by(0, picked, count, most, gap, one, two);
    }

    /* Read Rice codes, `count` at most: low parts of `width` bits from bit `low` on, quotients in
       unary from bit `high` on. Writes each value plus one, of 32 bits; with `sums` the sum of
       these, counted from `start`, until it is `enough`. Returns how many were read, -1 where they
       go on behind bit `stop`. */
    static inline int vn_read_codes(const unsigned int *words, Py_ssize_t stop, Py_ssize_t high,
                                    Py_ssize_t low, int width, int count, int sums,
                                    unsigned long long start, unsigned long long enough,
                                    unsigned long long *out) {
        const unsigned long long mask = (1ULL << width) - 1;
        const unsigned long long kept = sums ? ~0ULL : 0, room = sums ? ~0ULL : 0xFFFFFFFFu;
        unsigned long long last = start, bits;
        Py_ssize_t word = high >> 5;
        int i;
        if (high > stop) return -1;
        bits = words[word] | (unsigned long long) words[word + 1] << 32;
        bits = bits >> (high & 31) << (high & 31);
        for (i = 0; i < count && last < enough; i++) {
            const unsigned int *at = words + (low >> 5);
            Py_ssize_t one;
            while (bits == 0) {
                word += 2;
                if (32 * word >= stop) return -1;
                bits = words[word] | (unsigned long long) words[word + 1] << 32;
            }
            one = 32 * word + vn_trailing_zeros(bits);
            bits &= bits - 1;
            last = (last & kept) + ((unsigned long long) (one - high) << width) + 1
                + ((at[0] | (unsigned long long) at[1] << 32) >> (low & 31) & mask);
            out[i] = last & room;
            low += width;
            high = one + 1;
        }
        return high > stop ? -1 : i;
    }

    /* the bit behind `skip` ones from bit `high` on, -1 where bit `stop` is reached */
    static inline Py_ssize_t vn_skip_ones(const unsigned int *words, Py_ssize_t stop,
                                          Py_ssize_t high, int skip) {
        Py_ssize_t word = high >> 5;
        unsigned long long bits;
        if (high > stop) return -1;
        if (!skip) return high;
        bits = words[word] | (unsigned long long) words[word + 1] << 32;
        bits = bits >> (high & 31) << (high & 31);
        for (;;) {
            const int ones = vn_popcount(bits);
            if (ones >= skip) break;
            skip -= ones;
            word += 2;
            if (32 * word >= stop) return -1;
            bits = words[word] | (unsigned long long) words[word + 1] << 32;
        }
        bits = vn_drop_ones(bits, skip - 1);
        return 32 * word + vn_trailing_zeros(bits) + 1;
    }

    /* where the next character is that may end a sentence (a newline, ! . ? and all from U+2026
       on), from `at` on; `size` if none is. Characters of `kind` bytes, as PyUnicode has them */
    static inline Py_ssize_t vn_next_stop(const void *text, int kind, Py_ssize_t at,
                                          Py_ssize_t size) {
        const unsigned long long stops = 1ULL << 10 | 1ULL << 33 | 1ULL << 46 | 1ULL << 63;
        for (; at < size; at++) {
            unsigned int c;
    #if defined(__GNUC__) && defined(__SSE2__)
            /* eight characters at once, while there are as many; most hold no stop */
            while (kind == 2 && at + 8 <= size) {
                const __m128i v =
                    _mm_loadu_si128((const __m128i *) ((const unsigned short *) text + at));
                const __m128i low = _mm_or_si128(
                    _mm_or_si128(_mm_cmpeq_epi16(v, _mm_set1_epi16(10)),
                                 _mm_cmpeq_epi16(v, _mm_set1_epi16(33))),
                    _mm_or_si128(_mm_cmpeq_epi16(v, _mm_set1_epi16(46)),
                                 _mm_cmpeq_epi16(v, _mm_set1_epi16(63))));
                const __m128i others =
                    _mm_cmpeq_epi16(_mm_subs_epu16(v, _mm_set1_epi16(0x2025)), _mm_setzero_si128());
                const int found = _mm_movemask_epi8(low) | (_mm_movemask_epi8(others) ^ 0xFFFF);
                if (found) return at + (vn_trailing_zeros(found) >> 1);
                at += 8;
            }
            if (at == size) break;
    #endif
            c = kind == 1 ? ((const unsigned char *) text)[at]
                : kind == 2 ? ((const unsigned short *) text)[at]
                : ((const unsigned int *) text)[at];
            if (c < 64 ? stops >> c & 1 : c >= 0x2026) return at;
        }
        return size;
    }

    /* two numbers that are added to others side by side */
    #if defined(__SSE2__)
    typedef __m128d vn_two;
    #define VN_LOAD(at) _mm_loadu_pd(at)
    #define VN_ADD(a, b) _mm_add_pd(a, b)
    #else
    typedef struct { double first, second; } vn_two;
    static inline vn_two vn_load_two(const double *at) {
        vn_two two = {at[0], at[1]};
        return two;
    }
    static inline vn_two vn_add_two(vn_two a, vn_two b) {
        vn_two two = {a.first + b.first, a.second + b.second};
        return two;
    }
    #define VN_LOAD(at) vn_load_two(at)
    #define VN_ADD(a, b) vn_add_two(a, b)
    #endif

    /* The forward pass of a word model (see `forward` in text.py, which says what is added, and
       in which order): labels[i] holds what is in the sets, and becomes where each label's best
       way comes from, as bits. Returns which label the best way ends with. */
    static inline unsigned int vn_forward(const unsigned int *packed, Py_ssize_t count,
                                          const double *state, const double *shared,
                                          unsigned char *labels) {
        const unsigned int form = 0xFFFF;
        const vn_two from_0 = VN_LOAD(shared + 44), from_1 = VN_LOAD(shared + 46);
        const double *here = state + 8 * (Py_ssize_t) (packed[0] & form), *before = here;
        unsigned int f = packed[0] >> 16, g = 0;
        unsigned int pair = 0, triple = 0, triple_before = 0;
        vn_two best = VN_LOAD(shared); /* nothing */
        Py_ssize_t i;
        for (i = 0; i < count; i++) {
            const unsigned int next_pair = labels[i] & 1, next_triple = labels[i] >> 1;
            const double *next = state;
            vn_two sum = VN_ADD(VN_LOAD(here), VN_LOAD(shared + 2 * (f & 1)));
            sum = VN_ADD(sum, VN_LOAD(shared + 4 + (f & 2)));
            sum = VN_ADD(sum, VN_LOAD(shared + 8 + (f >> 1 & 2)));
            if (i > 0) {
                sum = VN_ADD(sum, VN_LOAD(before + 2));
                sum = VN_ADD(sum, VN_LOAD(shared + 12 + (g & 2)));
                sum = VN_ADD(sum, VN_LOAD(shared + 16 + 2 * (g & 1)));
                sum = VN_ADD(sum, VN_LOAD(shared + 20 + 2 * pair));
                sum = VN_ADD(sum, VN_LOAD(shared + 24 + 2 * triple_before));
            }
            if (i + 1 < count) {
                next = state + 8 * (Py_ssize_t) (packed[i + 1] & form);
                g = f;
                f = packed[i + 1] >> 16;
                sum = VN_ADD(sum, VN_LOAD(next + 4));
                sum = VN_ADD(sum, VN_LOAD(shared + 28 + (f & 2)));
                sum = VN_ADD(sum, VN_LOAD(shared + 32 + 2 * (f & 1)));
                sum = VN_ADD(sum, VN_LOAD(shared + 36 + 2 * next_pair));
                sum = VN_ADD(sum, VN_LOAD(shared + 40 + 2 * next_triple));
            }
            if (i > 0) {
    #if defined(__SSE2__)
                const vn_two a = _mm_add_pd(_mm_unpacklo_pd(best, best), from_0);
                const vn_two b = _mm_add_pd(_mm_unpackhi_pd(best, best), from_1);
                labels[i] = (unsigned char) _mm_movemask_pd(_mm_cmplt_pd(a, b));
                best = _mm_add_pd(_mm_max_pd(b, a), sum); /* b where it is more than a */
    #else
                const double a0 = best.first + from_0.first, a1 = best.first + from_0.second;
                const double b0 = best.second + from_1.first, b1 = best.second + from_1.second;
                labels[i] = (unsigned char) ((a0 < b0) | (a1 < b1) << 1);
                best.first = (a0 < b0 ? b0 : a0) + sum.first;
                best.second = (a1 < b1 ? b1 : a1) + sum.second;
    #endif
            } else {
                best = sum;
            }
            before = here;
            here = next;
            pair = next_pair;
            triple_before = triple;
            triple = next_triple;
        }
    #if defined(__SSE2__)
        return _mm_movemask_pd(_mm_cmplt_pd(best, _mm_unpackhi_pd(best, best))) & 1;
    #else
        return best.first < best.second;
    #endif
    }

    /* is there half of a pair of UTF-16 (U+D800 to U+DFFF)? Characters of `kind` bytes */
    static inline int vn_has_surrogate(const void *text, int kind, Py_ssize_t size) {
        Py_ssize_t at = 0;
        int found = 0;
        while (kind > 1 && at < size && !found) { /* a run at a time, without a branch in it */
            const Py_ssize_t stop = size - at > 1024 ? at + 1024 : size;
            if (kind == 2)
                for (; at < stop; at++)
                    found |= (((const unsigned short *) text)[at] & 0xF800) == 0xD800;
            else
                for (; at < stop; at++)
                    found |= (((const unsigned int *) text)[at] & 0xFFFFF800u) == 0xD800;
        }
        return found;
    }

    /* how many bytes characters of `kind` bytes are in UTF-8 */
    static inline Py_ssize_t vn_utf8_size(const void *text, int kind, Py_ssize_t start,
                                          Py_ssize_t end) {
        Py_ssize_t size = end - start;
        if (kind == 1)
            for (; start < end; start++) size += ((const unsigned char *) text)[start] > 0x7F;
        else if (kind == 2)
            for (; start < end; start++) {
                const unsigned int c = ((const unsigned short *) text)[start];
                size += (c > 0x7F) + (c > 0x7FF);
            }
        else
            for (; start < end; start++) {
                const unsigned int c = ((const unsigned int *) text)[start];
                size += (c > 0x7F) + (c > 0x7FF) + (c > 0xFFFF);
            }
        return size;
    }

    /* how many characters begin in bytes of UTF-8 */
    static inline Py_ssize_t vn_utf8_chars(const unsigned char *data, Py_ssize_t size) {
        Py_ssize_t i, count = 0;
        for (i = 0; i < size; i++) count += (data[i] & 0xC0) != 0x80;
        return count;
    }

    /* ask for words[first:stop], a few cache lines at most, to be brought near */
    static inline void vn_fetch_ahead(const unsigned int *words, Py_ssize_t first,
                                      Py_ssize_t stop) {
    #if defined(__GNUC__)
        if (stop > first + 256) stop = first + 256;
        for (; first < stop; first += 16) __builtin_prefetch(words + first);
    #else
        (void) words; (void) first; (void) stop;
    #endif
    }

    /* ask for the memory at `item` to be brought near */
    static inline void vn_bring_near(const void *item) {
    #if defined(__GNUC__)
        __builtin_prefetch(item);
    #else
        (void) item;
    #endif
    }

    /* the high bits of exceptions, added to the values of a full block */
    static inline void vn_mend(const unsigned int *words, int count, int bits, int low_bits,
                               unsigned int *values) {
        const unsigned int mask = (unsigned int) ((1ULL << (7 + bits)) - 1);
        int i, bit = 0;
        for (i = 0; i < count; i++, bit += 7 + bits) {
            const unsigned int *at = words + (bit >> 5);
            const unsigned int high = (unsigned int)
                ((at[0] | (unsigned long long) at[1] << 32) >> (bit & 31)) & mask;
            values[high & 127] += high >> 7 << low_bits;
        }
    }

    static inline void vn_unpack_lanes(const unsigned int *words, int bits, unsigned int add,
                                       int sum, unsigned int start, unsigned int *out) {
        /* the common widths apart, so that their shifts are constants */
    #define VN_WIDTH(n) \\
        case n: \\
            if (sum) vn_lanes(words, n, add, 1, start, out); \\
            else vn_lanes(words, n, add, 0, 0, out); \\
            return;
        switch (bits) {
            VN_WIDTH(0) VN_WIDTH(1) VN_WIDTH(2) VN_WIDTH(3) VN_WIDTH(4)
            VN_WIDTH(5) VN_WIDTH(6) VN_WIDTH(7) VN_WIDTH(8)
            default: vn_lanes(words, bits, add, sum, start, out);
        }
    #undef VN_WIDTH
    }
    """
    int bit_length "vn_bit_length"(unsigned int) noexcept nogil
    int trailing_zeros "vn_trailing_zeros"(unsigned long long) noexcept nogil
    int first_from "vn_first_from"(
        const unsigned int *values, int i, unsigned int target
    ) noexcept nogil
    int pick "vn_pick"(
        const unsigned int *docs, const unsigned int *freqs, int n, const double *rates,
        double weight, double least, unsigned char *out
    ) noexcept nogil
    int common "vn_common"(
        const unsigned int *docs, const unsigned char *picked, int start, int stop,
        const unsigned int *others, unsigned int last, unsigned char *out, unsigned char *where
    ) noexcept nogil
    Py_ssize_t weigh "vn_weigh"(
        const unsigned int *chosen, Py_ssize_t start, Py_ssize_t stop, unsigned int low,
        unsigned int last, const unsigned int *docs, const unsigned int *freqs,
        const double *rates, double weight, double *parts
    ) noexcept nogil
    void score_postings "vn_score"(
        const unsigned int *docs, const unsigned int *freqs, int n, const double *rates,
        double weight, double *parts, double scale, double k1, double grid, double *scores
    ) noexcept nogil
    int sum_before "vn_sum_before"(
        const unsigned int *freqs, int n, int bits, int one, int three, unsigned int *before,
        unsigned int *less
    ) noexcept nogil
    long long sum_high "vn_sum_high"(
        const unsigned int *values, const unsigned char *drops, Py_ssize_t n, int width
    ) noexcept nogil
    int places_over "vn_places_over"(
        const double *values, int n, double limit, unsigned int *out
    ) noexcept nogil
    void add_scores "vn_add_scores"(
        const unsigned int *docs, int i, int n, unsigned int low, const double *parts,
        unsigned int bit, double *scores, unsigned int *marks
    ) noexcept nogil
    double highest "vn_highest"(double *values, Py_ssize_t n, Py_ssize_t k) noexcept nogil
    void add_parts "vn_add_parts"(
        double *parts, int n, double scale, double k1, double grid, double *scores
    ) noexcept nogil
    Py_ssize_t raise_chosen "vn_raise"(
        unsigned int *chosen, double *scores, unsigned int *marks, double *parts, Py_ssize_t n,
        double scale, double k1, double grid, unsigned int bit, int required, double rest,
        double slack, double limit
    ) noexcept nogil
    double rough_limit "vn_rough_limit"(
        const double *values, Py_ssize_t n, Py_ssize_t k, double low
    ) noexcept nogil
    Py_ssize_t count_over "vn_count_over"(
        const double *values, Py_ssize_t n, double limit
    ) noexcept nogil
    Py_ssize_t keep_over "vn_keep_over"(
        double *scores, unsigned int *docs, unsigned int *present, Py_ssize_t n, double limit
    ) noexcept nogil
    int put_in_order "vn_put_in_order"(
        const double *scores, const unsigned int *docs, Py_ssize_t n, unsigned int *order
    ) except -1
    int count_apart "vn_count_apart"(
        const unsigned int *left, int n, const unsigned int *right, int m, unsigned int gap
    ) noexcept nogil
    int count_near "vn_count_near"(
        const unsigned int *left, int n, const unsigned int *right, int m, int before, int *nearly
    ) noexcept nogil
    Py_ssize_t read_places "vn_read_places"(
        const unsigned int *words, Py_ssize_t stop, Py_ssize_t high, Py_ssize_t skip,
        Py_ssize_t low, int width, Py_ssize_t count, unsigned int *out
    ) noexcept nogil
    int low_width "vn_low_width"(int widest, unsigned int tf) noexcept nogil
    int sift "vn_sift"(
        unsigned char *picked, int count, unsigned int *most, unsigned int gap,
        const unsigned char *left_where, const unsigned int *left, Py_ssize_t left_at,
        int left_widest, const unsigned int *left_before, const unsigned int *left_less,
        const unsigned int *left_freqs,
        const unsigned char *right_where, const unsigned int *right, Py_ssize_t right_at,
        int right_widest, const unsigned int *right_before, const unsigned int *right_less,
        const unsigned int *right_freqs
    ) noexcept nogil
    int read_codes "vn_read_codes"(
        const unsigned int *words, Py_ssize_t stop, Py_ssize_t high, Py_ssize_t low, int width,
        int count, int sums, unsigned long long start, unsigned long long enough,
        unsigned long long *out
    ) noexcept nogil
    Py_ssize_t skip_ones "vn_skip_ones"(
        const unsigned int *words, Py_ssize_t stop, Py_ssize_t high, int skip
    ) noexcept nogil
    void fetch_ahead "vn_fetch_ahead"(
        const unsigned int *words, Py_ssize_t first, Py_ssize_t stop
    ) noexcept nogil
    Py_ssize_t next_stop "vn_next_stop"(
        const void *text, int kind, Py_ssize_t at, Py_ssize_t size
    ) noexcept nogil
    unsigned int forward "vn_forward"(
        const unsigned int *packed, Py_ssize_t count, const double *state, const double *shared,
        unsigned char *labels
    ) noexcept nogil
    bint has_surrogate "vn_has_surrogate"(
        const void *text, int kind, Py_ssize_t size
    ) noexcept nogil
    Py_ssize_t utf8_size "vn_utf8_size"(
        const void *text, int kind, Py_ssize_t start, Py_ssize_t end
    ) noexcept nogil
    Py_ssize_t utf8_chars_of "vn_utf8_chars"(const unsigned char *data, Py_ssize_t size) noexcept nogil
    void bring_near "vn_bring_near"(const void *item) noexcept nogil
    void mend_values "vn_mend"(
        const unsigned int *words, int count, int bits, int low_bits, unsigned int *values
    ) noexcept nogil
    void sum_gaps "vn_sum_gaps"(unsigned int *out, unsigned int start) noexcept nogil
    void unpack_lanes "vn_unpack_lanes"(
        const unsigned int *words, int bits, unsigned int add, int sum, unsigned int start,
        unsigned int *out
    ) noexcept nogil
