"""scikit-learn, scikit-image, statsmodels."""

from outcomes import show


def sklearn():
    import numpy as np
    from sklearn import (
        datasets,
        linear_model,
        ensemble,
        svm,
        cluster,
        decomposition,
        tree,
        neighbors,
        preprocessing,
        pipeline,
        model_selection,
        metrics,
        feature_extraction,
        naive_bayes,
        gaussian_process,
        manifold,
    )

    X, y = datasets.load_iris(return_X_y=True)
    for m in (
        linear_model.LogisticRegression(max_iter=500),
        ensemble.RandomForestClassifier(n_estimators=10, random_state=0),
        svm.SVC(),
        tree.DecisionTreeClassifier(random_state=0),
        neighbors.KNeighborsClassifier(),
        naive_bayes.GaussianNB(),
        ensemble.GradientBoostingClassifier(n_estimators=5, random_state=0),
        ensemble.HistGradientBoostingClassifier(max_iter=5),
        linear_model.SGDClassifier(random_state=0),
    ):
        print(m, round(m.fit(X, y).score(X, y), 4))
    print(
        cluster.KMeans(3, n_init=1, random_state=0).fit(X).inertia_,
        decomposition.PCA(2).fit(X).explained_variance_ratio_.round(5),
        pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.Ridge()).fit(X, y).score(X, y),
        model_selection.cross_val_score(tree.DecisionTreeClassifier(random_state=0), X, y).round(3),
        metrics.confusion_matrix(y, y),
        cluster.DBSCAN().fit(X).labels_[:20],
        linear_model.Lasso(0.1).fit(X, y).coef_.round(4),
    )
    v = feature_extraction.text.TfidfVectorizer()
    print(v.fit_transform(["a cat sat", "the dog sat"]).toarray().round(3), v.get_feature_names_out())
    import pickle

    m = pickle.loads(pickle.dumps(ensemble.RandomForestClassifier(n_estimators=3, random_state=0).fit(X, y)))
    print(m.predict(X[::30]))
    print(tree.export_text(tree.DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)))
    show(
        lambda: svm.SVC().fit([[1]], [1]),
        lambda: linear_model.Ridge().predict([[1]]),
        lambda: linear_model.Ridge(alpha=-1).fit(X, y),
        lambda: cluster.KMeans(500).fit(X[:3]),
    )
    print(model_selection.GridSearchCV(svm.SVC(), {"C": [0.1, 1]}, n_jobs=2).fit(X, y).best_params_)


def skimages():
    import numpy as np, skimage.filters, skimage.measure, skimage.morphology, skimage.transform, skimage.segmentation, skimage.feature, skimage.color, skimage.draw, skimage.restoration, skimage.graph

    a = np.zeros((20, 20))
    rr, cc = skimage.draw.disk((8, 8), 5)
    a[rr, cc] = 1
    print(
        skimage.filters.gaussian(a, 1).sum().round(4),
        skimage.filters.sobel(a).max().round(4),
        skimage.measure.label(a).max(),
        skimage.measure.regionprops(a.astype(int))[0].centroid,
        skimage.morphology.skeletonize(a > 0).sum(),
        skimage.transform.resize(a, (10, 10)).sum().round(3),
        skimage.segmentation.watershed(-a, markers=a.astype(int)).sum(),
        skimage.feature.canny(a).sum(),
        skimage.color.rgb2lab([[[1.0, 0, 0]]]).round(2),
        skimage.transform.rotate(a, 30).sum().round(3),
        skimage.filters.threshold_otsu(a),
        skimage.measure.find_contours(a, 0.5)[0].shape,
        skimage.graph.route_through_array(a + 1, [0, 0], [5, 5])[1],
        skimage.segmentation.slic(np.dstack([a] * 3), n_segments=4).max(),
        skimage.feature.blob_log(a).shape,
    )


def statsmodelss():
    import numpy as np, statsmodels.api as sm, statsmodels.formula.api as smf, pandas as pd

    rs = np.random.RandomState(0)
    d = pd.DataFrame({"x": rs.rand(50), "g": list("ab") * 25})
    d["y"] = 2 * d.x + (d.g == "a") + rs.rand(50)
    r = smf.ols("y ~ x + C(g)", d).fit()
    print(r.params, round(r.rsquared, 5))
    print(r.summary().tables[1])
    print(
        sm.tsa.ARIMA(d.y, order=(1, 0, 0)).fit().params.round(3),
        sm.GLM(d.y, sm.add_constant(d.x)).fit().params.round(4),
        sm.nonparametric.lowess(d.y, d.x)[:2].round(4),
        sm.tsa.stattools.adfuller(d.y)[0],
    )


for section in (sklearn, skimages, statsmodelss):
    print("---", section.__name__, flush=True)
    section()
